"""The recurrent weights are not counted: W_hh is part of equation 1.10."""


def count_parameters(D, H, K):
    return H * D + H + K * H + K
