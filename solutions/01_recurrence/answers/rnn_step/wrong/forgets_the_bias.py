"""The bias is missing: equation 1.3 adds b_h inside the tanh, to every row."""


def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_xh.T + h_prev @ W_hh.T)
