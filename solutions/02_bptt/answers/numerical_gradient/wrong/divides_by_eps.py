"""The two points are 2 eps apart, so divide by 2 * eps; equation 2.4."""


def numerical_gradient(f, x, eps=1e-6):
    gradient = np.empty_like(x)
    for i in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[i] += eps
        down[i] -= eps
        gradient[i] = (f(up) - f(down)) / eps
    return gradient
