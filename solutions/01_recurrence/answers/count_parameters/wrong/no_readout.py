"""The read-out is not counted: W_hy and b_y are part of equation 1.10."""


def count_parameters(D, H, K):
    return H * D + H * H + H
