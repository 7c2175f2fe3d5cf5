"""The last block is turned: that is the candidate. The blocks are r, z, n."""


def swap_update_gate(W_x, W_h, b_x, b_h):
    H = W_h.shape[1]
    swapped = []
    for weights in (W_x, W_h, b_x, b_h):
        weights = weights.copy()
        weights[2 * H :] *= -1
        swapped.append(weights)
    return tuple(swapped)
