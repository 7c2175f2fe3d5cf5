"""This is the difference of the two sides itself. Make it relative with relative_error, equation 2.5."""


def adjoint_gap(forward, backward, x, v, u, eps=1e-6):
    Jv = (forward(x + eps * v) - forward(x - eps * v)) / (2 * eps)
    left = np.sum(Jv * u)
    right = np.sum(v * backward(u))
    return abs(left - right)
