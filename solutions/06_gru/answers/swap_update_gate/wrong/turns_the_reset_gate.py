"""The first block is turned: that is the reset gate. The blocks are r, z, n."""


def swap_update_gate(W_x, W_h, b_x, b_h):
    H = W_h.shape[1]
    swapped = []
    for weights in (W_x, W_h, b_x, b_h):
        weights = weights.copy()
        weights[:H] *= -1
        swapped.append(weights)
    return tuple(swapped)
