"""Each result knows only the input of its own step: the term with the state before, in equation 0.1, is missing."""


def leaky_integrator(x, alpha):
    return alpha * x
