"""This averages the differences, so one wrong entry can hide among many right ones. Take the largest, equation 2.5."""


def relative_error(a, b):
    scale = max(np.abs(a).max(), np.abs(b).max())
    if scale == 0:
        return 0.0
    return np.abs(a - b).mean() / scale
