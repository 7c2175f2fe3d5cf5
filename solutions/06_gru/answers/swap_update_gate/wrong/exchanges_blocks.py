"""The blocks r and z have changed places. The gates keep their places; what z means is turned by a sign; see equation 6.9."""


def swap_update_gate(W_x, W_h, b_x, b_h):
    H = W_h.shape[1]
    swapped = []
    for weights in (W_x, W_h, b_x, b_h):
        weights = weights.copy()
        weights[: 2 * H] = np.roll(weights[: 2 * H], H, axis=0)
        swapped.append(weights)
    return tuple(swapped)
