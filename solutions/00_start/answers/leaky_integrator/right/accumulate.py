"""The standard library's way to run a recurrence: itertools.accumulate."""

from itertools import accumulate


def leaky_integrator(x, alpha):
    states = accumulate(x, lambda state, value: (1 - alpha) * state + alpha * value, initial=0.0)
    return np.array(list(states)[1:], dtype=x.dtype)
