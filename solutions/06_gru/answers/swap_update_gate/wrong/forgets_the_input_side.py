"""Only the state's side is turned. W_xz and b_xz belong to the same pre-activation; see equations 6.2 and 6.9."""


def swap_update_gate(W_x, W_h, b_x, b_h):
    H = W_h.shape[1]
    swapped = []
    for weights in (W_x, W_h, b_x, b_h):
        weights = weights.copy()
        weights[H : 2 * H] *= -1
        swapped.append(weights)
    return W_x.copy(), swapped[1], b_x.copy(), swapped[3]
