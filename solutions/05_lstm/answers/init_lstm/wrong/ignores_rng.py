"""The input weights come from NumPy's global generator, so a seed does not repeat them: draw with the rng that you are given."""


def init_lstm(D, H, rng, forget_bias=1.0):
    scale = 1 / np.sqrt(H)
    W_x = np.random.uniform(-scale, scale, size=(4 * H, D))
    W_h = np.concatenate([orthogonal(H, 1.0, rng) for _ in range(4)])
    b = np.zeros(4 * H)
    b[H : 2 * H] = forget_bias
    return W_x, W_h, b
