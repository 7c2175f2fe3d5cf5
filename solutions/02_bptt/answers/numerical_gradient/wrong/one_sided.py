"""This is a one-sided difference: it compares x + eps with x. Equation 2.4 compares x + eps with x - eps, and its error falls with eps² instead of eps."""


def numerical_gradient(f, x, eps=1e-6):
    gradient = np.empty_like(x)
    here = f(x)
    for i in np.ndindex(x.shape):
        moved = x.copy()
        moved[i] += eps
        gradient[i] = (f(moved) - here) / eps
    return gradient
