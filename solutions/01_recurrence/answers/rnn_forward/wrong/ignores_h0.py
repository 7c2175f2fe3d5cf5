"""This starts from zeros. The first step starts from the h0 that was handed in, see equation 1.4."""


def rnn_forward(x, h0, W_xh, W_hh, b_h):
    h_t = np.zeros_like(h0)
    h = np.empty((len(x), *h0.shape), dtype=h0.dtype)
    for t in range(len(x)):
        h_t = rnn_step(x[t], h_t, W_xh, W_hh, b_h)
        h[t] = h_t
    return h
