"""All four gates start with the same recurrent block. Draw one for each, or they begin as one gate; equation 5.22."""


def init_lstm(D, H, rng, forget_bias=1.0):
    scale = 1 / np.sqrt(H)
    W_x = rng.uniform(-scale, scale, size=(4 * H, D))
    W_h = np.tile(orthogonal(H, 1.0, rng), (4, 1))
    b = np.zeros(4 * H)
    b[H : 2 * H] = forget_bias
    return W_x, W_h, b
