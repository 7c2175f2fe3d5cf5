"""Gram-Schmidt by hand, twice for rounding: each column loses its part along the ones before."""


def orthogonal(H, gain, rng):
    W = rng.normal(size=(H, H))
    for j in range(H):
        for repeat in range(2):
            W[:, j] -= W[:, :j] @ (W[:, :j].T @ W[:, j])
        W[:, j] /= np.linalg.norm(W[:, j])
    return gain * W
