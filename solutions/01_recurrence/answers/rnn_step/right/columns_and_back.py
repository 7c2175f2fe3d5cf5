"""Columns as on paper, equation 1.2, transposed at the end."""


def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
    a = W_xh @ x_t.T + W_hh @ h_prev.T + b_h[:, None]
    return np.tanh(a).T
