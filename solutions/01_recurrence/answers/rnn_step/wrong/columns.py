"""This multiplies from the left, as on paper, where each sequence is a column. In the arrays it is a row: see equation 1.3."""


def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
    return np.tanh(W_xh @ x_t + W_hh @ h_prev + b_h)
