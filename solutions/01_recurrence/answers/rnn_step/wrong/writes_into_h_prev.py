"""The numbers are right, but they are written into h_prev itself, and whoever called still needs it. Make a new array."""


def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
    h_prev[:] = np.tanh(x_t @ W_xh.T + h_prev @ W_hh.T + b_h)
    return h_prev
