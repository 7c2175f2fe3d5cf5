"""Jv comes from a one-sided difference. Equation 2.15 moves x by +eps v and by -eps v."""


def adjoint_gap(forward, backward, x, v, u, eps=1e-6):
    Jv = (forward(x + eps * v) - forward(x)) / eps
    left = np.sum(Jv * u)
    right = np.sum(v * backward(u))
    return relative_error(left, right)
