"""Shares collected in lists and summed at the end."""


def lstm_backward(dh, x, h0, c0, h, c, gates, W_x, W_h):
    from_state, from_cell, shares = np.zeros_like(h0), np.zeros_like(c0), []
    h_before, c_before = [h0, *h[:-1]], [c0, *c[:-1]]
    for t in reversed(range(len(x))):
        dx_t, from_state, from_cell, *weights = lstm_step_backward(
            dh[t] + from_state, from_cell, x[t], h_before[t], c_before[t], c[t], gates[t], W_x, W_h
        )
        shares.insert(0, (dx_t, *weights))
    dx, dW_x, dW_h, db = zip(*shares, strict=True)
    return np.stack(dx), from_state, from_cell, sum(dW_x), sum(dW_h), sum(db)
