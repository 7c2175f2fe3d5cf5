"""This starts from the first input. In equation 0.1 the state before the first step is 0, so h_1 is not x_1 itself."""


def leaky_integrator(x, alpha):
    h = np.empty_like(x)
    h[0] = x[0]
    for t in range(1, len(x)):
        h[t] = (1 - alpha) * h[t - 1] + alpha * x[t]
    return h
