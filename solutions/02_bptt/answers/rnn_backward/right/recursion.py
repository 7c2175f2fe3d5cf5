"""The last step, then the same function for all steps before it."""


def rnn_backward(dh, x, h0, h, W_xh, W_hh):
    before = h[-2] if len(h) > 1 else h0
    dx_t, sent, dW_xh, dW_hh, db_h = rnn_step_backward(dh[-1], x[-1], before, h[-1], W_xh, W_hh)
    if len(h) == 1:
        return dx_t[None], sent, dW_xh, dW_hh, db_h
    rest = dh[:-1].copy()
    rest[-1] += sent
    dx, dh0, dW, dR, db = rnn_backward(rest, x[:-1], h0, h[:-1], W_xh, W_hh)
    return np.concatenate([dx, dx_t[None]]), dh0, dW_xh + dW, dW_hh + dR, db_h + db
