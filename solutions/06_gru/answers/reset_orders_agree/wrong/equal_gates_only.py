"""True only where all units have the same reset gate. Units between which W_hn is 0 may differ; see equation 6.7."""


def reset_orders_agree(W_x, W_h, b_x, b_h):
    H = W_h.shape[1]
    b_hn = b_h[2 * H :]
    reset = np.hstack([W_x[:H], W_h[:H], (b_x + b_h)[:H, None]])  # row i decides r_i
    for i in range(H):
        if b_hn[i] != 0:
            return False
        for j in range(H):
            if not np.array_equal(reset[i], reset[j]):
                return False
    return True
