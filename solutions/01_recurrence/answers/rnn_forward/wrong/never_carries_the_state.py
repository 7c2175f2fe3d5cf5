"""Every step starts from h0 again. In equation 1.4 each step starts from the state that the step before has made."""


def rnn_forward(x, h0, W_xh, W_hh, b_h):
    return np.stack([rnn_step(x_t, h0, W_xh, W_hh, b_h) for x_t in x])
