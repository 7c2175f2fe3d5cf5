"""The states are right, but h0 itself is overwritten on the way, and whoever called still needs it. Carry the state in an array of its own."""


def rnn_forward(x, h0, W_xh, W_hh, b_h):
    h = np.empty((len(x), *h0.shape), dtype=h0.dtype)
    for t, x_t in enumerate(x):
        h0[:] = rnn_step(x_t, h0, W_xh, W_hh, b_h)
        h[t] = h0
    return h
