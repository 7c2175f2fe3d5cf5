"""The number of equally likely characters, counted in yes-or-no questions."""


def bits_per_character(loss):
    return np.log2(np.exp(loss))
