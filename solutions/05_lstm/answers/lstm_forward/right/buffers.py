"""Arrays made once and filled."""


def lstm_forward(x, h0, c0, W_x, W_h, b):
    T, (B, H) = len(x), h0.shape
    h, c = np.empty((2, T, B, H), dtype=x.dtype)
    gates = np.empty((T, B, 4 * H), dtype=x.dtype)
    for t in range(T):
        h_prev, c_prev = (h[t - 1], c[t - 1]) if t else (h0, c0)
        h[t], c[t], gates[t] = lstm_step(x[t], h_prev, c_prev, W_x, W_h, b)
    return h, c, gates
