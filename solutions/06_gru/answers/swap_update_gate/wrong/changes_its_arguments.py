"""The values are right, but the caller's weights are changed in place. Copy first."""


def swap_update_gate(W_x, W_h, b_x, b_h):
    H = W_h.shape[1]
    swapped = []
    for weights in (W_x, W_h, b_x, b_h):
        weights[H : 2 * H] *= -1
        swapped.append(weights)
    return tuple(swapped)
