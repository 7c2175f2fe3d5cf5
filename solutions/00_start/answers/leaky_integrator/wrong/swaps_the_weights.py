"""The two weights are swapped: in equation 0.1 alpha belongs to the new input, 1 - alpha to the old state."""


def leaky_integrator(x, alpha):
    h = np.empty_like(x)
    state = 0.0
    for t, value in enumerate(x):
        state = alpha * state + (1 - alpha) * value
        h[t] = state
    return h
