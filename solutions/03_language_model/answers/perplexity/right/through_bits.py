"""Two to the bits."""


def perplexity(loss):
    return 2 ** (loss / np.log(2))
