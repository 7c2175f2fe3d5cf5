"""A diagonal matrix from its diagonal."""


def scaled_identity(H, gain):
    return np.diag(np.full(H, float(gain)))
