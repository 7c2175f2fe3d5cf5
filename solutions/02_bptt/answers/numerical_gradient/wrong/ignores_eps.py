"""The argument eps is not used: the step is always 1e-6 here."""


def numerical_gradient(f, x, eps=1e-6):
    gradient = np.empty_like(x)
    for i in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[i] += 1e-6
        down[i] -= 1e-6
        gradient[i] = (f(up) - f(down)) / 2e-6
    return gradient
