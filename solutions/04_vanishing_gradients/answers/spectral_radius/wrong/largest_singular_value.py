"""This is the largest singular value, the growth in a single step. The spectral radius is the largest |eigenvalue|, the growth per step in the long run, equation 4.4."""


def spectral_radius(W):
    return np.linalg.norm(W, ord=2)
