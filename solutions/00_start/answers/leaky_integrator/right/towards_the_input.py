"""The same rule read as "move a share alpha of the way towards the input"."""


def leaky_integrator(x, alpha):
    h = np.zeros(len(x), dtype=x.dtype)
    for t in range(len(x)):
        previous = h[t - 1] if t > 0 else 0.0
        h[t] = previous + alpha * (x[t] - previous)
    return h
