"""The recurrent weights are uniform. Each gate's block is to be an orthogonal matrix; equation 5.22."""


def init_lstm(D, H, rng, forget_bias=1.0):
    scale = 1 / np.sqrt(H)
    W_x = rng.uniform(-scale, scale, size=(4 * H, D))
    W_h = rng.uniform(-scale, scale, size=(4 * H, H))
    b = np.zeros(4 * H)
    b[H : 2 * H] = forget_bias
    return W_x, W_h, b
