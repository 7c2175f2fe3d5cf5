"""Through the logarithm of the denominator."""


def sigmoid(a):
    return np.exp(-np.logaddexp(0, -a))
