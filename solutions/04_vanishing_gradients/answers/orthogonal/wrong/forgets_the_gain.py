"""The matrix is orthogonal, but the gain is missing: every singular value must equal gain, equation 4.6."""


def orthogonal(H, gain, rng):
    Q, R = np.linalg.qr(rng.normal(size=(H, H)))
    return Q
