"""The tanh is taken of the recurrent term alone; in equation 1.3 it stands around the sum of all three terms."""


def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
    return x_t @ W_xh.T + np.tanh(h_prev @ W_hh.T) + b_h
