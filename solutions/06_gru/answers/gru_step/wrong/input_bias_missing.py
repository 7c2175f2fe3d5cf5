"""The bias b_x is missing in all three blocks; see equations 6.2 and 6.4."""


def gru_step(x_t, h_prev, W_x, W_h, b_x, b_h):
    x_r, x_z, x_n = np.split(x_t @ W_x.T, 3, axis=1)
    h_r, h_z, m = np.split(h_prev @ W_h.T + b_h, 3, axis=1)
    r = sigmoid(x_r + h_r)
    z = sigmoid(x_z + h_z)
    n = np.tanh(x_n + r * m)
    h_t = (1 - z) * n + z * h_prev
    return h_t, np.concatenate([r, z, n, m], axis=1)
