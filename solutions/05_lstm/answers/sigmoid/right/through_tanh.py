"""The identity σ(a) = (1 + tanh(a/2)) / 2."""


def sigmoid(a):
    return 0.5 + 0.5 * np.tanh(0.5 * a)
