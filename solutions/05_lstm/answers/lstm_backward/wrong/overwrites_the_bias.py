"""db is overwritten at every step, so only the first step's share is left. It collects the shares of all steps like the weights: use `+=`, equation 5.20."""


def lstm_backward(dh, x, h0, c0, h, c, gates, W_x, W_h):
    dx = np.zeros_like(x)
    dW_x, dW_h, db = np.zeros_like(W_x), np.zeros_like(W_h), np.zeros_like(W_h[:, 0])
    dh_next, dc_next = np.zeros_like(h0), np.zeros_like(c0)
    for t in reversed(range(len(x))):
        h_prev = h[t - 1] if t > 0 else h0
        c_prev = c[t - 1] if t > 0 else c0
        dh_t, dc_t = dh[t] + dh_next, dc_next
        dx[t], dh_next, dc_next, share_x, share_h, share_b = lstm_step_backward(
            dh_t, dc_t, x[t], h_prev, c_prev, c[t], gates[t], W_x, W_h
        )
        dW_x += share_x
        dW_h += share_h
        db = share_b
    return dx, dh_next, dc_next, dW_x, dW_h, db
