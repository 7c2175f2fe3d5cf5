"""x is moved by eps in every entry. Move it along v: x + eps * v, equation 2.15."""


def adjoint_gap(forward, backward, x, v, u, eps=1e-6):
    Jv = (forward(x + eps) - forward(x - eps)) / (2 * eps)
    left = np.sum(Jv * u)
    right = np.sum(v * backward(u))
    return relative_error(left, right)
