"""The largest absolute value is the norm of order infinity."""


def relative_error(a, b):
    size = [np.linalg.norm(np.ravel(part), ord=np.inf) for part in (a, b, a - b)]
    return size[2] / max(size[:2]) if any(size[:2]) else 0.0
