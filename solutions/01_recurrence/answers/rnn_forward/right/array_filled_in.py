"""An array made beforehand and filled in; each step looks up the state before."""


def rnn_forward(x, h0, W_xh, W_hh, b_h):
    T, B, _ = x.shape
    h = np.empty((T, B, len(b_h)), dtype=x.dtype)
    for t in range(T):
        h[t] = rnn_step(x[t], h0 if t == 0 else h[t - 1], W_xh, W_hh, b_h)
    return h
