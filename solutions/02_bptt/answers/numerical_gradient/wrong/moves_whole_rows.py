"""For an array with several axes this moves a whole row at once: `x[i]` with one index is a row. Go over every entry, for instance with np.ndindex(x.shape)."""


def numerical_gradient(f, x, eps=1e-6):
    gradient = np.empty_like(x)
    for i in range(len(x)):
        up, down = x.copy(), x.copy()
        up[i] += eps
        down[i] -= eps
        gradient[i] = (f(up) - f(down)) / (2 * eps)
    return gradient
