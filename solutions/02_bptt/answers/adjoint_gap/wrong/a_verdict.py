"""This returns a verdict, True or False. Return the gap itself, a number; equation 2.15."""


def adjoint_gap(forward, backward, x, v, u, eps=1e-6):
    Jv = (forward(x + eps * v) - forward(x - eps * v)) / (2 * eps)
    left = np.sum(Jv * u)
    right = np.sum(v * backward(u))
    return relative_error(left, right) < 1e-7
