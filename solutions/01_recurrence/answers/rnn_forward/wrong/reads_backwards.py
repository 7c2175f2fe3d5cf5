"""This reads the sequence from its end to its beginning. Equation 1.4 begins with the first input."""


def rnn_forward(x, h0, W_xh, W_hh, b_h):
    h = np.empty((len(x), *h0.shape), dtype=h0.dtype)
    h_t = h0
    for t in reversed(range(len(x))):
        h_t = rnn_step(x[t], h_t, W_xh, W_hh, b_h)
        h[t] = h_t
    return h
