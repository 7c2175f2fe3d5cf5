"""The values are right, but `np.where` computes both branches for every entry, so exp overflowed in the one that is thrown away, and NumPy warns: never let the exponent be positive, equation 5.6."""


def sigmoid(a):
    return np.where(a >= 0, 1 / (1 + np.exp(-a)), np.exp(a) / (1 + np.exp(a)))
