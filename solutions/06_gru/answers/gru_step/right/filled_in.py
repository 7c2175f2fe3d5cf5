"""Gates written into one array; the sigmoid by its definition; einsum."""


def gru_step(x_t, h_prev, W_x, W_h, b_x, b_h):
    B, H = h_prev.shape
    a = np.einsum("bd,gd->bg", x_t, W_x) + b_x
    c = np.einsum("bh,gh->bg", h_prev, W_h) + b_h
    gates_t = np.empty((B, 4 * H), dtype=h_prev.dtype)
    gates_t[:, : 2 * H] = 1 / (1 + np.exp(-np.clip(a[:, : 2 * H] + c[:, : 2 * H], -80, 80)))
    gates_t[:, 3 * H :] = c[:, 2 * H :]
    gates_t[:, 2 * H : 3 * H] = np.tanh(a[:, 2 * H :] + gates_t[:, :H] * gates_t[:, 3 * H :])
    z = gates_t[:, H : 2 * H]
    return z * h_prev + (1 - z) * gates_t[:, 2 * H : 3 * H], gates_t
