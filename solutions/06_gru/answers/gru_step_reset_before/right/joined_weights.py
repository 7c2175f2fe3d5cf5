"""Input and state side by side, as in chapter 01."""


def gru_step_reset_before(x_t, h_prev, W_x, W_h, b_x, b_h):
    H = h_prev.shape[1]
    W = np.hstack([W_x, W_h])[: 2 * H]
    both = np.hstack([x_t, h_prev]) @ W.T + (b_x + b_h)[: 2 * H]
    r, z = sigmoid(both[:, :H]), sigmoid(both[:, H:])
    m = (h_prev * r) @ W_h[-H:].T + b_h[-H:]
    n = np.tanh(x_t @ W_x[-H:].T + b_x[-H:] + m)
    return z * h_prev + n - z * n, np.hstack([r, z, n, m])
