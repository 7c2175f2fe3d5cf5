"""This is the triangular factor R of the QR decomposition; the orthogonal one is Q, equation 4.6."""


def orthogonal(H, gain, rng):
    Q, R = np.linalg.qr(rng.normal(size=(H, H)))
    return gain * R
