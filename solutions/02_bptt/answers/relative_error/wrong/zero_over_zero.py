"""0 / 0 is NaN: where both arrays are 0 everywhere, return 0.0."""


def relative_error(a, b):
    scale = max(np.abs(a).max(), np.abs(b).max())
    return np.abs(a - b).max() / scale
