"""The two biases are not counted: b_h has H entries, b_y has K (equation 1.10)."""


def count_parameters(D, H, K):
    return H * D + H * H + K * H
