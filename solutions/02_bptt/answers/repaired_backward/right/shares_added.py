"""One share a step, added as it is found."""


def repaired_backward(dh, x, h0, h, W_hh):
    dW_xh, dW_hh, db_h, sent = 0, 0, 0, 0
    for t in range(len(h) - 1, -1, -1):
        delta = (1 - h[t] ** 2) * (dh[t] + sent)
        sent = delta @ W_hh
        dW_xh = dW_xh + delta.T @ x[t]
        dW_hh = dW_hh + delta.T @ (h[t - 1] if t else h0)
        db_h = db_h + delta.sum(axis=0)
    return dW_xh, dW_hh, db_h
