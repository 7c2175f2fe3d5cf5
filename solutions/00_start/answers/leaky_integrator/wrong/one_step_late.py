"""The results come one step late: the state that is stored for step t must have seen the input of step t already."""


def leaky_integrator(x, alpha):
    h = np.empty_like(x)
    state = 0.0
    for t, value in enumerate(x):
        h[t] = state
        state += alpha * (value - state)
    return h
