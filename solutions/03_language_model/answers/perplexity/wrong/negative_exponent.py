"""The sign is wrong: e to the minus loss is the probability per character; the perplexity is one over it, equation 3.4."""


def perplexity(loss):
    return np.exp(-loss)
