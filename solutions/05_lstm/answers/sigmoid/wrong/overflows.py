"""This overflows far from zero: exp of a large number is infinite, and infinity divided by infinity is no number. Let the exponent never be positive; equation 5.6."""


def sigmoid(a):
    e = np.exp(a)
    return e / (1 + e)
