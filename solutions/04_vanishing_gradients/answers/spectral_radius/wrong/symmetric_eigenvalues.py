"""`eigvalsh` reads one triangle and takes the matrix for symmetric. A recurrent matrix is not: use the general eigenvalues, equation 4.4."""


def spectral_radius(W):
    return np.abs(np.linalg.eigvalsh(W)).max()
