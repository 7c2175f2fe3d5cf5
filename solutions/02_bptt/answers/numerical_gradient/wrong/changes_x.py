"""The gradient is right, but x itself is moved, and adding and subtracting eps does not lead back to the last bit. Work on a copy."""


def numerical_gradient(f, x, eps=1e-6):
    gradient = np.empty_like(x)
    for i in np.ndindex(x.shape):
        x[i] += eps
        up = f(x)
        x[i] -= 2 * eps
        gradient[i] = (up - f(x)) / (2 * eps)
        x[i] += eps
    return gradient
