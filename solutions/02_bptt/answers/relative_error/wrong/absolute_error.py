"""This is the largest difference itself. Divide it by the largest entry of both arrays, equation 2.5."""


def relative_error(a, b):
    return np.abs(a - b).max()
