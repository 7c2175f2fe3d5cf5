"""This divides by the sum of both largest entries. Equation 2.5 divides by the larger one."""


def relative_error(a, b):
    scale = np.abs(a).max() + np.abs(b).max()
    return np.abs(a - b).max() / scale if scale > 0 else 0.0
