"""`*` multiplies entry by entry; equation 1.3 has matrix products, which Python writes `@`."""


def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
    return np.tanh(W_xh * x_t + W_hh * h_prev + b_h)
