"""One matrix product: row t averages the first t values."""


def moving_mean(x):
    weights = np.tril(np.ones((len(x), len(x)), dtype=x.dtype))
    weights /= weights.sum(axis=1, keepdims=True)
    return weights @ x
