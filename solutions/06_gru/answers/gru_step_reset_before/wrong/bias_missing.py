"""The bias b_hn is missing in the hidden product; see equation 6.5."""


def gru_step_reset_before(x_t, h_prev, W_x, W_h, b_x, b_h):
    H = h_prev.shape[1]
    x_r, x_z, x_n = np.split(x_t @ W_x.T + b_x, 3, axis=1)
    h_r, h_z = np.split(h_prev @ W_h[: 2 * H].T + b_h[: 2 * H], 2, axis=1)
    r = sigmoid(x_r + h_r)
    z = sigmoid(x_z + h_z)
    m = (r * h_prev) @ W_h[2 * H :].T
    n = np.tanh(x_n + m)
    h_t = (1 - z) * n + z * h_prev
    return h_t, np.concatenate([r, z, n, m], axis=1)
