"""Right numbers, but float32 becomes float64: dividing by an array of integers does that."""


def moving_mean(x):
    return np.cumsum(x) / np.arange(1, len(x) + 1)
