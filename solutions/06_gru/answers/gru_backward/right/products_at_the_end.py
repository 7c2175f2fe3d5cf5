"""Pre-activation gradients first; each weight's gradient is one product over time and batch."""


def gru_backward(dh, x, h0, h, gates, W_x, W_h):
    r, z, n, m = np.split(gates, 4, axis=2)
    before = np.concatenate([h0[None], h[:-1]])
    da = np.empty_like(gates)  # n, r, z, m: the first three are the input's side
    carried = np.zeros_like(h0)
    for t in range(len(x) - 1, -1, -1):
        total = dh[t] + carried
        da_n = total * (1 - z[t]) * (1 - n[t] ** 2)
        da_r = da_n * m[t] * r[t] * (1 - r[t])
        da_z = total * (before[t] - n[t]) * z[t] * (1 - z[t])
        da[t] = np.hstack([da_n, da_r, da_z, da_n * r[t]])
        carried = total * z[t] + np.hstack([da_r, da_z, da_n * r[t]]) @ W_h
    H = h.shape[2]
    of_x = np.concatenate([da[..., H : 3 * H], da[..., :H]], axis=2)
    of_h = da[..., H:]
    over = ((0, 1), (0, 1))
    dW_x, dW_h = np.tensordot(of_x, x, over), np.tensordot(of_h, before, over)
    return of_x @ W_x, carried, dW_x, dW_h, of_x.sum(axis=(0, 1)), of_h.sum(axis=(0, 1))
