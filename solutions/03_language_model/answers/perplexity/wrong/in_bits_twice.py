"""e is raised to the bits here. Either e to the nats or 2 to the bits, equation 3.4."""


def perplexity(loss):
    return np.exp(loss / np.log(2))
