"""This multiplies from the left, as on paper, where each state is a column. In the array it is a row."""


def readout(h, W_hy, b_y):
    return W_hy @ h + b_y
