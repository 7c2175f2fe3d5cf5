"""The values are right, but exp overflowed on the way, and NumPy warns: never let the exponent be positive, equation 5.6."""


def sigmoid(a):
    return 1 / (1 + np.exp(-a))
