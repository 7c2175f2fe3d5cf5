"""Slices of rows, a product for each block."""


def gru_step(x_t, h_prev, W_x, W_h, b_x, b_h):
    H = h_prev.shape[1]
    reset, update, candidate = slice(0, H), slice(H, 2 * H), slice(2 * H, 3 * H)

    def from_x(rows):
        return x_t @ W_x[rows].T + b_x[rows]

    def from_h(rows):
        return h_prev @ W_h[rows].T + b_h[rows]

    r = sigmoid(from_x(reset) + from_h(reset))
    z = sigmoid(from_x(update) + from_h(update))
    m = from_h(candidate)
    n = np.tanh(from_x(candidate) + r * m)
    return n + z * (h_prev - n), np.hstack((r, z, n, m))
