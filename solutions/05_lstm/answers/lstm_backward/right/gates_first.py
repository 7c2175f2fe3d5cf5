"""All gradients at the gates first, then one product a weight matrix."""


def lstm_backward(dh, x, h0, c0, h, c, gates, W_x, W_h):
    T, H = len(x), h0.shape[1]
    i, f, g, o = np.split(gates, 4, axis=2)
    h_before, c_before = np.concatenate([h0[None], h[:-1]]), np.concatenate([c0[None], c[:-1]])
    tanh_c = np.tanh(c)
    da = np.empty_like(gates)
    dh_next, dc_next = np.zeros_like(h0), np.zeros_like(c0)
    for t in range(T - 1, -1, -1):
        total = dh[t] + dh_next
        dc = dc_next + total * o[t] * (1 - tanh_c[t] ** 2)
        da[t, :, :H] = dc * g[t] * i[t] * (1 - i[t])
        da[t, :, H : 2 * H] = dc * c_before[t] * f[t] * (1 - f[t])
        da[t, :, 2 * H : 3 * H] = dc * i[t] * (1 - g[t] ** 2)
        da[t, :, 3 * H :] = total * tanh_c[t] * o[t] * (1 - o[t])
        dh_next, dc_next = da[t] @ W_h, dc * f[t]
    over_time = ((0, 1), (0, 1))
    dW_x, dW_h = np.tensordot(da, x, over_time), np.tensordot(da, h_before, over_time)
    return da @ W_x, dh_next, dc_next, dW_x, dW_h, da.sum(axis=(0, 1))
