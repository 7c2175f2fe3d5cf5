"""There are H too many: either b_h is counted twice, as PyTorch does, or h_0 is counted, which is a state to start from and not a weight."""


def count_parameters(D, H, K):
    return H * D + H * H + 2 * H + K * H + K
