"""The old state is added to the new one once more, outside of the tanh. In equation 1.3 it enters through W_hh alone."""


def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
    return h_prev + np.tanh(x_t @ W_xh.T + h_prev @ W_hh.T + b_h)
