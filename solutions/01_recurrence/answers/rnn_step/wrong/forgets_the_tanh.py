"""The sum is right, but equation 1.3 takes its tanh: without that the state can grow without bound."""


def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
    return x_t @ W_xh.T + h_prev @ W_hh.T + b_h
