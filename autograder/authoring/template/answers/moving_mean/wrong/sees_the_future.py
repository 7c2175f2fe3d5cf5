"""Every step gets the mean of the whole sequence; at step t the values after t have not been seen yet."""


def moving_mean(x):
    return np.full_like(x, x.mean())
