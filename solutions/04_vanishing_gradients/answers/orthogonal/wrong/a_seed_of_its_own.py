"""The matrix is drawn from a generator of its own, so every call gives the same one. Draw from the `rng` that you are given."""


def orthogonal(H, gain, rng):
    Q, R = np.linalg.qr(np.random.default_rng(0).normal(size=(H, H)))
    return gain * Q
