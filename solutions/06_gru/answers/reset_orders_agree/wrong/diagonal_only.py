"""True only where W_hn is diagonal. Off the diagonal a weight may stand between two units whose reset gates are always equal; see equation 6.7."""


def reset_orders_agree(W_x, W_h, b_x, b_h):
    H = W_h.shape[1]
    W_hn, b_hn = W_h[2 * H :], b_h[2 * H :]
    for i in range(H):
        if b_hn[i] != 0:
            return False
        for j in range(H):
            if W_hn[i, j] != 0 and i != j:
                return False
    return True
