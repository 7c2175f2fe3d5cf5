"""np.vdot, and relative_error on arrays of one entry."""


def adjoint_gap(forward, backward, x, v, u, eps=1e-6):
    ends = [np.vdot(forward(x + sign * eps * v), u) for sign in (1, -1)]
    left = (ends[0] - ends[1]) / (2 * eps)
    return float(relative_error(np.array([left]), np.array([np.vdot(v, backward(u))])))
