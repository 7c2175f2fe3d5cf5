"""The slopes of all gates at once, in one array."""


def lstm_step_backward(dh_t, dc_t, x_t, h_prev, c_prev, c_t, gates_t, W_x, W_h):
    H = dh_t.shape[1]
    i, f, g, o = (gates_t[:, k * H : (k + 1) * H] for k in range(4))
    slope = gates_t * (1 - gates_t)
    slope[:, 2 * H : 3 * H] = 1 - g * g
    t = np.tanh(c_t)
    total = dc_t + dh_t * o * (1 - t * t)
    da = slope * np.hstack([total * g, total * c_prev, total * i, dh_t * t])
    return da @ W_x, da @ W_h, total * f, da.T @ x_t, da.T @ h_prev, da.sum(axis=0)
