"""The bias b_hn is added outside the reset gate, and is missing in m. It belongs to the hidden product, which is gated as a whole; see equations 6.3 and 6.4."""


def gru_step(x_t, h_prev, W_x, W_h, b_x, b_h):
    x_r, x_z, x_n = np.split(x_t @ W_x.T + b_x, 3, axis=1)
    h_r, h_z, m = np.split(h_prev @ W_h.T, 3, axis=1)
    H = m.shape[1]
    b_hr, b_hz, b_hn = b_h[:H], b_h[H : 2 * H], b_h[2 * H :]
    r = sigmoid(x_r + h_r + b_hr)
    z = sigmoid(x_z + h_z + b_hz)
    n = np.tanh(x_n + r * m + b_hn)
    h_t = (1 - z) * n + z * h_prev
    return h_t, np.concatenate([r, z, n, m], axis=1)
