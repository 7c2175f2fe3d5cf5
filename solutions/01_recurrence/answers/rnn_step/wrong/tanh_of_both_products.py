"""Each product has a tanh of its own and the bias none; equation 1.3 adds all three first and takes one tanh of the sum."""


def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_xh.T) + np.tanh(h_prev @ W_hh.T) + b_h
