"""dh_prev uses W_hh transposed. The forward step has h_prev @ W_hh.T, so the way back is da @ W_hh; equation 2.10 sums over the first index."""


def rnn_step_backward(dh_t, x_t, h_prev, h_t, W_xh, W_hh):
    da = dh_t * (1 - h_t**2)
    return da @ W_xh, da @ W_hh.T, da.T @ x_t, da.T @ h_prev, da.sum(axis=0)
