"""W_hh is used without its transpose. Since it is square no error tells you; in rows every weight is transposed, see equation 1.3."""


def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_xh.T + h_prev @ W_hh + b_h)
