"""The weights are used without their transpose, so the shapes do not fit: states and inputs are rows here, see equation 1.3."""


def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_xh + h_prev @ W_hh + b_h)
