"""The second marker always stands half a sequence after the first. Draw the two steps independently."""


def adding_problem(T, B, rng):
    values = rng.uniform(0, 1, size=(T, B))
    markers = np.zeros((T, B))
    column = np.arange(B)
    first = rng.integers(0, T // 2, size=B)
    second = first + T // 2
    markers[first, column] = 1
    markers[second, column] = 1
    y = values[first, column] + values[second, column]
    return np.stack([values, markers], axis=-1), y
