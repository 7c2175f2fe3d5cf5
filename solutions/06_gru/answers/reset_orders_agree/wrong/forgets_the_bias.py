"""The bias b_hn is not looked at. Where it is not 0, one definition dims it and the other does not; see equation 6.7."""


def reset_orders_agree(W_x, W_h, b_x, b_h):
    H = W_h.shape[1]
    W_hn = W_h[2 * H :]
    reset = np.hstack([W_x[:H], W_h[:H], (b_x + b_h)[:H, None]])  # row i decides r_i
    for i in range(H):
        for j in range(H):
            if W_hn[i, j] != 0 and not np.array_equal(reset[i], reset[j]):
                return False
    return True
