"""The products are not summed: a scalar product is one number, the sum over all entries, and equation 2.15 compares two such numbers."""


def adjoint_gap(forward, backward, x, v, u, eps=1e-6):
    Jv = (forward(x + eps * v) - forward(x - eps * v)) / (2 * eps)
    return relative_error(Jv * u, v * backward(u))
