"""Only one of the two biases is turned. The sum of both must change its sign; see equations 6.2 and 6.9."""


def swap_update_gate(W_x, W_h, b_x, b_h):
    H = W_h.shape[1]
    swapped = []
    for weights in (W_x, W_h, b_x, b_h):
        weights = weights.copy()
        weights[H : 2 * H] *= -1
        swapped.append(weights)
    return swapped[0], swapped[1], swapped[2], b_h.copy()
