"""The numbers are right, but they are written into x itself, and whoever called still needs x. Fill a new array."""


def leaky_integrator(x, alpha):
    state = 0.0
    for t in range(len(x)):
        state = state + alpha * (x[t] - state)
        x[t] = state
    return x
