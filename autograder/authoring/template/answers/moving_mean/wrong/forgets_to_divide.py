"""This is the sum of everything seen so far; divide by how many values that were to get their mean."""


def moving_mean(x):
    return np.cumsum(x)
