"""Times the bits in one nat."""


def bits_per_character(loss):
    return loss * np.log2(np.e)
