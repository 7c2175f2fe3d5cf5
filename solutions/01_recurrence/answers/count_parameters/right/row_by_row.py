"""Per unit its inputs, the state and a bias; per output the units and a bias."""


def count_parameters(D, H, K):
    return H * (D + H + 1) + K * (H + 1)
