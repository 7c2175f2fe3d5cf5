"""All pairs at once."""


def reset_orders_agree(W_x, W_h, b_x, b_h):
    r, z, n = np.split(np.hstack([W_x, W_h, (b_x + b_h)[:, None]]), 3)
    H = W_h.shape[1]
    same = (r[:, None] == r[None]).all(axis=2)
    silent = W_h[2 * H :] == 0
    return bool((same | silent).all() and not b_h[2 * H :].any())
