"""Only the pairs that speak to each other."""


def reset_orders_agree(W_x, W_h, b_x, b_h):
    H = len(b_h) // 3
    if np.any(b_h[-H:]):
        return False
    i, j = np.nonzero(W_h[-H:])
    bias = b_x[:H] + b_h[:H]
    return bool(
        np.array_equal(W_x[i], W_x[j])
        and np.array_equal(W_h[i], W_h[j])
        and np.array_equal(bias[i], bias[j])
    )
