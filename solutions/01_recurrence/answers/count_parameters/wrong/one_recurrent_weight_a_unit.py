"""One recurrent weight is counted for each unit, but every unit hears every other: see the shape of W_hh."""


def count_parameters(D, H, K):
    return H * D + H + H + K * H + K
