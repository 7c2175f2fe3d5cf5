"""The sums as products of flattened arrays, the ratio by hand."""


def adjoint_gap(forward, backward, x, v, u, eps=1e-6):
    step = eps * v
    difference = np.ravel(forward(x + step)) - np.ravel(forward(x - step))
    left = difference @ np.ravel(u) / (2 * eps)
    right = np.ravel(backward(u)) @ np.ravel(v)
    largest = max(abs(left), abs(right))
    return abs(left - right) / largest if largest > 0 else 0.0
