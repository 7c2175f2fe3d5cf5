"""One array n, r, z, m: its first and its last three blocks are both sides."""


def gru_step_backward(dh_t, x_t, h_prev, gates_t, W_x, W_h):
    B, H = h_prev.shape
    r, z, n, m = np.split(gates_t, 4, axis=1)
    d = np.empty((B, 4, H), dtype=dh_t.dtype)  # r, z, n, m
    d[:, 2] = dh_t * (1 - z) * (1 - n**2)
    d[:, 0] = d[:, 2] * m * r * (1 - r)
    d[:, 1] = dh_t * (h_prev - n) * z * (1 - z)
    d[:, 3] = d[:, 2] * r
    of_x = d[:, [0, 1, 2]].reshape(B, 3 * H)
    of_h = d[:, [0, 1, 3]].reshape(B, 3 * H)
    dW_x = np.einsum("bi,bj->ij", of_x, x_t)
    dW_h = np.einsum("bi,bj->ij", of_h, h_prev)
    return of_x @ W_x, of_h @ W_h + z * dh_t, dW_x, dW_h, of_x.sum(0), of_h.sum(0)
