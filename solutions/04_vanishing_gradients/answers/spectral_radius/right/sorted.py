"""Sort the sizes of the eigenvalues and take the last."""


def spectral_radius(W):
    values, vectors = np.linalg.eig(W)
    sizes = np.sqrt(values.real**2 + values.imag**2)
    return np.sort(sizes)[-1]
