"""The values are normally distributed; they are uniform in [0, 1), on which the 1/6 line rests."""


def adding_problem(T, B, rng):
    values = rng.normal(size=(T, B))
    markers = np.zeros((T, B))
    column = np.arange(B)
    first = rng.integers(0, T // 2, size=B)
    second = rng.integers(T // 2, T, size=B)
    markers[first, column] = 1
    markers[second, column] = 1
    y = values[first, column] + values[second, column]
    return np.stack([values, markers], axis=-1), y
