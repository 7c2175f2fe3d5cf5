"""This returns the last state alone; wanted is the state after every step, one number for each input."""


def leaky_integrator(x, alpha):
    state = 0.0
    for value in x:
        state = state - alpha * state + alpha * value
    return state
