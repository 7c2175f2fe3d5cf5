"""The numbers are right, but W_x is float32. All three are to be float64."""


def init_lstm(D, H, rng, forget_bias=1.0):
    scale = 1 / np.sqrt(H)
    W_x = rng.uniform(-scale, scale, size=(4 * H, D)).astype(np.float32)
    W_h = np.concatenate([orthogonal(H, 1.0, rng) for _ in range(4)])
    b = np.zeros(4 * H)
    b[H : 2 * H] = forget_bias
    return W_x, W_h, b
