"""Orthogonal blocks from singular vectors."""


def init_lstm(D, H, rng, forget_bias=1.0):
    U, _, Vt = np.linalg.svd(rng.normal(size=(4, H, H)))
    bound = 1 / np.sqrt(H)
    b = np.concatenate([np.zeros(H), np.full(H, forget_bias, dtype=float), np.zeros(2 * H)])
    return rng.uniform(-bound, bound, (4 * H, D)), (U @ Vt).reshape(4 * H, H), b
