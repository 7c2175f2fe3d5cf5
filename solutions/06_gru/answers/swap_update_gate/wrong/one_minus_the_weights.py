"""The weights w became 1 - w. It is the gate that becomes 1 - z, and that happens where its pre-activation changes its sign; see equation 6.9."""


def swap_update_gate(W_x, W_h, b_x, b_h):
    H = W_h.shape[1]
    swapped = []
    for weights in (W_x, W_h, b_x, b_h):
        weights = weights.copy()
        weights[H : 2 * H] = 1 - weights[H : 2 * H]
        swapped.append(weights)
    return tuple(swapped)
