"""The bias is added after the tanh; in equation 1.3 it belongs to the sum inside."""


def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_xh.T + h_prev @ W_hh.T) + b_h
