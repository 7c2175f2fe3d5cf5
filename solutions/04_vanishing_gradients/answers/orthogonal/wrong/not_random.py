"""This is the identity times gain: orthogonal, but not random. Draw a random matrix from `rng` first, equation 4.6."""


def orthogonal(H, gain, rng):
    return gain * np.eye(H)
