"""The argument eps is not used: the step is always 1e-6 here."""


def adjoint_gap(forward, backward, x, v, u, eps=1e-6):
    Jv = (forward(x + 1e-6 * v) - forward(x - 1e-6 * v)) / 2e-6
    left = np.sum(Jv * u)
    right = np.sum(v * backward(u))
    return relative_error(left, right)
