"""The left side is made from the output f(x). It needs Jv, how the output moves when x moves along v; equation 2.15."""


def adjoint_gap(forward, backward, x, v, u, eps=1e-6):
    Jv = forward(x)
    left = np.sum(Jv * u)
    right = np.sum(v * backward(u))
    return relative_error(left, right)
