"""Every sequence of the batch has its markers on the same two steps, so a network could learn the steps and not the markers. Draw them for each sequence."""


def adding_problem(T, B, rng):
    values = rng.uniform(0, 1, size=(T, B))
    markers = np.zeros((T, B))
    column = np.arange(B)
    first = np.full(B, rng.integers(0, T // 2))
    second = np.full(B, rng.integers(T // 2, T))
    markers[first, column] = 1
    markers[second, column] = 1
    y = values[first, column] + values[second, column]
    return np.stack([values, markers], axis=-1), y
