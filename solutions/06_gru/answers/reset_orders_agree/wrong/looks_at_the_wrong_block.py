"""The update gate's rows are compared. Whether the two definitions agree depends on the reset gate, the first block; see equation 6.7."""


def reset_orders_agree(W_x, W_h, b_x, b_h):
    H = W_h.shape[1]
    W_hn, b_hn = W_h[2 * H :], b_h[2 * H :]
    reset = np.hstack(
        [W_x[H : 2 * H], W_h[H : 2 * H], (b_x + b_h)[H : 2 * H, None]]
    )  # row i decides r_i
    for i in range(H):
        if b_hn[i] != 0:
            return False
        for j in range(H):
            if W_hn[i, j] != 0 and not np.array_equal(reset[i], reset[j]):
                return False
    return True
