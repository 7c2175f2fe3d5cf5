"""The read-out is counted as if it started from the D inputs; it starts from the H units of the state."""


def count_parameters(D, H, K):
    return H * D + H * H + H + K * D + K
