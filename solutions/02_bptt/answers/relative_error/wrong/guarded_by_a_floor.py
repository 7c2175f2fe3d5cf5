"""A small number is added to the denominator against 0 / 0; it hides errors in small gradients. Test for 0 instead, equation 2.5."""


def relative_error(a, b):
    scale = max(np.abs(a).max(), np.abs(b).max())
    return np.abs(a - b).max() / (scale + 1e-8)
