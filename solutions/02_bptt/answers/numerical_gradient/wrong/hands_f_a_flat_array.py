"""f is called with a flattened x. It takes an array of the shape of x: move one entry of a copy and hand f the whole copy, equation 2.4."""


def numerical_gradient(f, x, eps=1e-6):
    flat = x.ravel()
    gradient = np.empty_like(flat)
    for i in range(flat.size):
        step = np.zeros_like(flat)
        step[i] = eps
        gradient[i] = (f(flat + step) - f(flat - step)) / (2 * eps)
    return gradient.reshape(x.shape)
