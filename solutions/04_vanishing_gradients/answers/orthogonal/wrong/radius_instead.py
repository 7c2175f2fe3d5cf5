"""This scales a random matrix to the right spectral radius. Its singular values still differ from each other; in an orthogonal matrix all are equal, equation 4.6."""


def orthogonal(H, gain, rng):
    W = rng.normal(size=(H, H))
    return gain * W / np.abs(np.linalg.eigvals(W)).max()
