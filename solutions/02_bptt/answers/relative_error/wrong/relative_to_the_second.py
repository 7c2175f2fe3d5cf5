"""This divides by the largest entry of b alone. Equation 2.5 takes the larger of the two, so that the order of the arrays does not matter."""


def relative_error(a, b):
    scale = np.abs(b).max()
    return np.abs(a - b).max() / scale if scale > 0 else 0.0
