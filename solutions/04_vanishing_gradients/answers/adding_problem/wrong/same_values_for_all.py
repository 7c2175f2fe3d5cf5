"""Every sequence of the batch has the same values, so the batch holds one sequence many times. Draw a value for each step of each sequence."""


def adding_problem(T, B, rng):
    values = np.repeat(rng.uniform(0, 1, size=(T, 1)), B, axis=1)
    markers = np.zeros((T, B))
    column = np.arange(B)
    first = rng.integers(0, T // 2, size=B)
    second = rng.integers(T // 2, T, size=B)
    markers[first, column] = 1
    markers[second, column] = 1
    y = values[first, column] + values[second, column]
    return np.stack([values, markers], axis=-1), y
