"""db_h still has a row for every sequence. The bias is shared by them: sum over the batch, equation 2.11."""


def rnn_step_backward(dh_t, x_t, h_prev, h_t, W_xh, W_hh):
    da = dh_t * (1 - h_t**2)
    return da @ W_xh, da @ W_hh, da.T @ x_t, da.T @ h_prev, da
