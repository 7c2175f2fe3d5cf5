"""dW_hh is transposed: row i belongs to the unit whose sum it enters, equation 2.11, so the gradient at a_t comes first."""


def rnn_step_backward(dh_t, x_t, h_prev, h_t, W_xh, W_hh):
    da = dh_t * (1 - h_t**2)
    return da @ W_xh, da @ W_hh, da.T @ x_t, h_prev.T @ da, da.sum(axis=0)
