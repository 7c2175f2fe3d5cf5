"""QR with the signs of R's diagonal moved into Q, which makes Q uniform over all orthogonal matrices."""


def orthogonal(H, gain, rng):
    Q, R = np.linalg.qr(rng.normal(size=(H, H)))
    return gain * Q * np.sign(np.diag(R))
