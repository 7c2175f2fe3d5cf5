"""W_hy is used without its transpose: states are rows here, and in rows every weight is transposed (as in equation 1.3)."""


def readout(h, W_hy, b_y):
    return h @ W_hy + b_y
