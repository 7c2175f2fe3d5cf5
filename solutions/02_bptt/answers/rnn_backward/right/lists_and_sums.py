"""Every step's results kept in lists and added at the end."""


def rnn_backward(dh, x, h0, h, W_xh, W_hh):
    before = [h0, *h[:-1]]
    arriving, shares = 0, []
    for dh_t, x_t, h_prev, h_t in list(zip(dh, x, before, h, strict=True))[::-1]:
        results = rnn_step_backward(dh_t + arriving, x_t, h_prev, h_t, W_xh, W_hh)
        arriving = results[1]
        shares.append(results)
    dx = np.array([share[0] for share in shares[::-1]])
    dW_xh, dW_hh, db_h = (sum(share[part] for share in shares) for part in (2, 3, 4))
    return dx, arriving, dW_xh, dW_hh, db_h
