"""x has the batch first. In this course time comes first: (T, B, 2)."""


def adding_problem(T, B, rng):
    values = rng.uniform(0, 1, size=(T, B))
    markers = np.zeros((T, B))
    column = np.arange(B)
    first = rng.integers(0, T // 2, size=B)
    second = rng.integers(T // 2, T, size=B)
    markers[first, column] = 1
    markers[second, column] = 1
    y = values[first, column] + values[second, column]
    return np.stack([values.T, markers.T], axis=-1), y
