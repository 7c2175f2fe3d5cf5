"""A running update of the mean, one value at a time."""


def moving_mean(x):
    m = np.empty_like(x)
    mean = 0.0
    for t, value in enumerate(x, start=1):
        mean += (value - mean) / t
        m[t - 1] = mean
    return m
