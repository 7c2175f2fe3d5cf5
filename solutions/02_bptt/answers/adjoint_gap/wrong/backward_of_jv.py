"""backward is handed Jv. It takes u, the gradient at the output; equation 2.15."""


def adjoint_gap(forward, backward, x, v, u, eps=1e-6):
    Jv = (forward(x + eps * v) - forward(x - eps * v)) / (2 * eps)
    left = np.sum(Jv * u)
    right = np.sum(v * backward(Jv))
    return relative_error(left, right)
