"""The numbers are right, but `dh_t *= …` changes the caller's array. Make a new one."""


def rnn_step_backward(dh_t, x_t, h_prev, h_t, W_xh, W_hh):
    dh_t *= 1 - h_t**2
    return dh_t @ W_xh, dh_t @ W_hh, dh_t.T @ x_t, dh_t.T @ h_prev, dh_t.sum(axis=0)
