"""The right side lacks v: it is the sum of the products of v and the backward pass's result, equation 2.15."""


def adjoint_gap(forward, backward, x, v, u, eps=1e-6):
    Jv = (forward(x + eps * v) - forward(x - eps * v)) / (2 * eps)
    left = np.sum(Jv * u)
    right = np.sum(backward(u))
    return relative_error(left, right)
