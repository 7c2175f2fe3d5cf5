"""Einstein sums over the units."""


def readout(h, W_hy, b_y):
    return np.einsum("tbh,kh->tbk", h, W_hy) + b_y
