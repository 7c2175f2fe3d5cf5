"""The first input is left out: h[0] stays 0. But h[0] is h_1, the state after x_1, and equation 0.1 makes it from h_0 = 0 and x_1."""


def leaky_integrator(x, alpha):
    h = np.zeros_like(x)
    for t in range(1, len(x)):
        h[t] = (1 - alpha) * h[t - 1] + alpha * x[t]
    return h
