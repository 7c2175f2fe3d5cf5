"""The input weights are uniform between -1 and 1: the bound is 1/√H, equation 5.22."""


def init_lstm(D, H, rng, forget_bias=1.0):
    scale = 1
    W_x = rng.uniform(-scale, scale, size=(4 * H, D))
    W_h = np.concatenate([orthogonal(H, 1.0, rng) for _ in range(4)])
    b = np.zeros(4 * H)
    b[H : 2 * H] = forget_bias
    return W_x, W_h, b
