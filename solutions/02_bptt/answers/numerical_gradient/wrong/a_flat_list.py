"""The numbers are right, but in one long row: the gradient has the shape of x."""


def numerical_gradient(f, x, eps=1e-6):
    gradient = []
    for i in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[i] += eps
        down[i] -= eps
        gradient.append((f(up) - f(down)) / (2 * eps))
    return np.array(gradient)
