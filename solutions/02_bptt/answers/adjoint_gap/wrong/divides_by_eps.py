"""The two points are 2 eps v apart, so divide by 2 * eps; equation 2.15."""


def adjoint_gap(forward, backward, x, v, u, eps=1e-6):
    Jv = (forward(x + eps * v) - forward(x - eps * v)) / eps
    left = np.sum(Jv * u)
    right = np.sum(v * backward(u))
    return relative_error(left, right)
