"""The columns have the right length but are not at right angles to each other: equation 4.6 asks for both."""


def orthogonal(H, gain, rng):
    W = rng.normal(size=(H, H))
    return gain * W / np.linalg.norm(W, axis=0)
