"""A loop over the four gates that adds their shares."""


def lstm_step_backward(dh_t, dc_t, x_t, h_prev, c_prev, c_t, gates_t, W_x, W_h):
    B, H = dh_t.shape
    i, f, g, o = np.split(gates_t, 4, axis=1)
    dc = dc_t + dh_t * o / np.cosh(c_t) ** 2
    dx_t, dh_prev = np.zeros_like(x_t), np.zeros_like(h_prev)
    dW_x, dW_h, db = np.empty_like(W_x), np.empty_like(W_h), np.empty_like(W_h[:, 0])
    shares = (dc * g * (i - i**2), dc * c_prev * (f - f**2), dc * i * (1 - g**2))
    for k, da in enumerate((*shares, dh_t * np.tanh(c_t) * (o - o**2))):
        rows = slice(k * H, (k + 1) * H)
        dx_t += da @ W_x[rows]
        dh_prev += da @ W_h[rows]
        dW_x[rows] = np.einsum("bh,bd->hd", da, x_t)
        dW_h[rows] = np.einsum("bh,bk->hk", da, h_prev)
        db[rows] = da.sum(axis=0)
    return dx_t, dh_prev, dc * f, dW_x, dW_h, db
