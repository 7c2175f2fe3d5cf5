"""db_h is summed over the units; the bias of one unit is shared by the sequences, so sum over the batch, axis 0; equation 2.11."""


def rnn_step_backward(dh_t, x_t, h_prev, h_t, W_xh, W_hh):
    da = dh_t * (1 - h_t**2)
    return da @ W_xh, da @ W_hh, da.T @ x_t, da.T @ h_prev, da.sum(axis=1)
