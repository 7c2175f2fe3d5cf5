"""This is the slope of the sigmoid, s (1 - s). The function itself is s; equation 5.5."""


def sigmoid(a):
    s = 0.5 + 0.5 * np.tanh(a / 2)
    return s * (1 - s)
