"""A generator of its own is made and seeded inside, so every network starts with the same weights: draw with the rng that you are given."""


def init_lstm(D, H, rng, forget_bias=1.0):
    rng = np.random.default_rng(0)
    scale = 1 / np.sqrt(H)
    W_x = rng.uniform(-scale, scale, size=(4 * H, D))
    W_h = np.concatenate([orthogonal(H, 1.0, rng) for _ in range(4)])
    b = np.zeros(4 * H)
    b[H : 2 * H] = forget_bias
    return W_x, W_h, b
