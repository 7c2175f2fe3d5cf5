"""Right numbers, but the sums are written into x itself: whoever called still needs x. Make a new array."""


def moving_mean(x):
    count = np.arange(1, len(x) + 1, dtype=x.dtype)
    np.cumsum(x, out=x)
    return x / count
