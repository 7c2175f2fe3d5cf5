"""v and u are exchanged: v is a direction at the input, u a gradient at the output. <Jv, u> has u's shape on both sides, equation 2.15."""


def adjoint_gap(forward, backward, x, v, u, eps=1e-6):
    Jv = (forward(x + eps * u) - forward(x - eps * u)) / (2 * eps)
    left = np.sum(Jv * v)
    right = np.sum(u * backward(v))
    return relative_error(left, right)
