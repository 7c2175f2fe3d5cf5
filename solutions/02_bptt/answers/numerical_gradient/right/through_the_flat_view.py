"""One copy, entries counted along its flat view."""


def numerical_gradient(f, x, eps=1e-6):
    moved = x.copy()
    gradient = np.zeros_like(moved)
    for n in range(moved.size):
        old = moved.flat[n]
        values = []
        for step in (-eps, eps):
            moved.flat[n] = old + step
            values.append(f(moved))
        moved.flat[n] = old
        gradient.flat[n] = (values[1] - values[0]) / (2 * eps)
    return gradient
