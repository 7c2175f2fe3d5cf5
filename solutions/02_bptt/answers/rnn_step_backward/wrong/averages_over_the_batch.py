"""The weight gradients are averaged over the batch. The mean is in the loss already (2.1): equation 2.11 sums."""


def rnn_step_backward(dh_t, x_t, h_prev, h_t, W_xh, W_hh):
    da = dh_t * (1 - h_t**2)
    return da @ W_xh, da @ W_hh, da.T @ x_t / len(x_t), da.T @ h_prev / len(x_t), da.mean(axis=0)
