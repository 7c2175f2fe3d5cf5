"""The walk back ends k edges before the last step, so early losses are lost altogether. Truncation limits how far each loss goes back, not where the walk ends; equation 2.16."""


def rnn_backward_truncated(dh, x, h0, h, W_xh, W_hh, k):
    dx, carried = np.zeros_like(x), np.zeros_like(h0)
    dW_xh, dW_hh, db_h = np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros_like(W_hh[0])
    first = max(len(h) - 1 - k, 0)
    for t in range(len(h) - 1, first - 1, -1):
        before = h[t - 1] if t > 0 else h0
        arrived = dh[t] + carried
        dx[t], carried, dW, dR, db = rnn_step_backward(arrived, x[t], before, h[t], W_xh, W_hh)
        dW_xh += dW
        dW_hh += dR
        db_h += db
    return dx, carried if k >= len(h) else np.zeros_like(h0), dW_xh, dW_hh, db_h
