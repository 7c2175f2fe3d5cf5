"""The numbers are right, but float32 comes back as float64: a new array is float64 unless it is told otherwise."""


def leaky_integrator(x, alpha):
    h = np.zeros(len(x))
    state = 0.0
    for t in range(len(x)):
        state += alpha * (x[t] - state)
        h[t] = state
    return h
