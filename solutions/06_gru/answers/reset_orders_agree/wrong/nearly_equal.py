"""Gates whose weights differ by very little count as equal. They are two gates, and the two definitions two functions: compare exactly."""


def reset_orders_agree(W_x, W_h, b_x, b_h):
    H = W_h.shape[1]
    W_hn, b_hn = W_h[2 * H :], b_h[2 * H :]
    reset = np.hstack([W_x[:H], W_h[:H], (b_x + b_h)[:H, None]])  # row i decides r_i
    for i in range(H):
        if b_hn[i] != 0:
            return False
        for j in range(H):
            if W_hn[i, j] != 0 and not np.allclose(reset[i], reset[j]):
                return False
    return True
