"""This divides each difference by its own entry, so an entry that happens to be near 0 decides. Equation 2.5 divides by the largest entry of the whole array."""


def relative_error(a, b):
    scale = np.maximum(np.abs(a), np.abs(b))
    return np.max(np.abs(a - b) / np.where(scale > 0, scale, 1.0))
