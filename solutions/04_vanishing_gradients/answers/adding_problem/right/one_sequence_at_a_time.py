"""One sequence after the other, as the text tells it."""


def adding_problem(T, B, rng):
    x = np.zeros((T, B, 2))
    y = np.zeros(B)
    for n in range(B):
        x[:, n, 0] = rng.random(T)
        for start, stop in ((0, T // 2), (T // 2, T)):
            t = rng.integers(start, stop)
            x[t, n, 1] = 1
            y[n] += x[t, n, 0]
    return x, y
