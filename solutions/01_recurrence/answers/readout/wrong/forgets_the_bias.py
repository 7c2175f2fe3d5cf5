"""The bias b_y of equation 1.6 is missing."""


def readout(h, W_hy, b_y):
    return h @ W_hy.T
