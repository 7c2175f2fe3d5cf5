"""The batch is drawn from a generator of its own, so every call gives the same one. Draw from the `rng` that you are given."""


def adding_problem(T, B, rng):
    rng = np.random.default_rng(0)
    values = rng.uniform(0, 1, size=(T, B))
    markers = np.zeros((T, B))
    column = np.arange(B)
    first = rng.integers(0, T // 2, size=B)
    second = rng.integers(T // 2, T, size=B)
    markers[first, column] = 1
    markers[second, column] = 1
    y = values[first, column] + values[second, column]
    return np.stack([values, markers], axis=-1), y
