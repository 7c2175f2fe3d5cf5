"""The hidden bias is counted twice, as PyTorch does; here there is one b_h."""


def count_parameters(D, H, K):
    return H * D + H * H + 2 * H + K * H + K
