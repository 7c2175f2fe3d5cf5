"""All input weights in one draw, recurrent blocks filled in."""


def init_lstm(D, H, rng, forget_bias=1.0):
    W_x = (2 * rng.random(size=(4 * H, D)) - 1) * H**-0.5
    W_h, b = np.empty((4 * H, H)), np.zeros(4 * H)
    for gate in range(4):
        W_h[gate * H : (gate + 1) * H] = orthogonal(H, 1.0, rng)
    b[H : 2 * H] += forget_bias
    return W_x, W_h, b
