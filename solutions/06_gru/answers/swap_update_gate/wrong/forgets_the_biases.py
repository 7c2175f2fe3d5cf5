"""Weights are turned, biases are not. The whole pre-activation must change its sign, and both biases are part of it; see equation 6.9."""


def swap_update_gate(W_x, W_h, b_x, b_h):
    H = W_h.shape[1]
    swapped = []
    for weights in (W_x, W_h, b_x, b_h):
        weights = weights.copy()
        weights[H : 2 * H] *= -1
        swapped.append(weights)
    return swapped[0], swapped[1], b_x.copy(), b_h.copy()
