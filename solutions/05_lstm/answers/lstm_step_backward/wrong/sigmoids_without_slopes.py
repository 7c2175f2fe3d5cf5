"""The slopes of all three sigmoids are missing: i, f and o each need the factor s (1 - s); equation 5.11."""


def lstm_step_backward(dh_t, dc_t, x_t, h_prev, c_prev, c_t, gates_t, W_x, W_h):
    i, f, g, o = np.split(gates_t, 4, axis=1)
    tanh_c = np.tanh(c_t)
    dc = dc_t + dh_t * o * (1 - tanh_c**2)
    da_i = dc * g
    da_f = dc * c_prev
    da_g = dc * i * (1 - g**2)
    da_o = dh_t * tanh_c
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
    return da @ W_x, da @ W_h, dc * f, da.T @ x_t, da.T @ h_prev, da.sum(axis=0)
