"""h (1 - h) is the slope of the sigmoid; that of tanh is 1 - h², equation 2.9."""


def rnn_step_backward(dh_t, x_t, h_prev, h_t, W_xh, W_hh):
    da = dh_t * h_t * (1 - h_t)
    return da @ W_xh, da @ W_hh, da.T @ x_t, da.T @ h_prev, da.sum(axis=0)
