"""All blocks are turned. Only the update gate's convention differs; reset gate and candidate must stay; see equation 6.8."""


def swap_update_gate(W_x, W_h, b_x, b_h):
    swapped = []
    for weights in (W_x, W_h, b_x, b_h):
        weights = weights.copy()
        weights *= -1
        swapped.append(weights)
    return tuple(swapped)
