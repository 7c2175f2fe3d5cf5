"""A normal matrix divided by √H has columns of about unit length, but they are not at right angles: WᵀW must be gain² times the identity, equation 4.6."""


def orthogonal(H, gain, rng):
    return gain * rng.normal(size=(H, H)) / np.sqrt(H)
