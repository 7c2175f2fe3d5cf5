"""The target is the sum of all the values; only the two marked ones count, equation 4.8."""


def adding_problem(T, B, rng):
    values = rng.uniform(0, 1, size=(T, B))
    markers = np.zeros((T, B))
    column = np.arange(B)
    first = rng.integers(0, T // 2, size=B)
    second = rng.integers(T // 2, T, size=B)
    markers[first, column] = 1
    markers[second, column] = 1
    return np.stack([values, markers], axis=-1), values.sum(axis=0)
