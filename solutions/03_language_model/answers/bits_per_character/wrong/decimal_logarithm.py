"""This changes to decimal digits, ln 10; a bit has ln 2, equation 3.3."""


def bits_per_character(loss):
    return loss / np.log(10)
