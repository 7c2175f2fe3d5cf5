"""dx is in the order of the walk, last step first. dx[t] belongs to x[t]."""


def rnn_backward(dh, x, h0, h, W_xh, W_hh):
    dx = np.empty_like(x)
    dW_xh, dW_hh = np.zeros_like(W_xh), np.zeros_like(W_hh)
    db_h = np.zeros_like(W_hh[0])
    carried = np.zeros_like(h0)
    for t in reversed(range(len(h))):
        before = h[t - 1] if t > 0 else h0
        dh_t = dh[t] + carried
        dx[t], carried, dW, dR, db = rnn_step_backward(dh_t, x[t], before, h[t], W_xh, W_hh)
        dW_xh += dW
        dW_hh += dR
        db_h += db
    return dx[::-1].copy(), carried, dW_xh, dW_hh, db_h
