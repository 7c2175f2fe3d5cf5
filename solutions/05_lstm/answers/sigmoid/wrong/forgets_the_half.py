"""The argument of tanh is not halved, so the curve is twice as steep: σ(a) = (1 + tanh(a/2)) / 2, equation 5.6."""


def sigmoid(a):
    return 0.5 + 0.5 * np.tanh(a)
