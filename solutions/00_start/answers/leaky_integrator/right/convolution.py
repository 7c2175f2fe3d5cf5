"""A convolution with weights that fade: every input adds an echo of itself to all that follows."""


def leaky_integrator(x, alpha):
    echo = alpha * (1 - alpha) ** np.arange(len(x))
    return np.convolve(x, echo)[: len(x)].astype(x.dtype)
