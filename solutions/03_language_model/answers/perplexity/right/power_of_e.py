"""A power of e."""


def perplexity(loss):
    return np.e**loss
