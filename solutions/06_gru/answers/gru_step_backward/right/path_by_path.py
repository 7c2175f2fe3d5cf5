"""One variable for each path, products block by block."""


def gru_step_backward(dh_t, x_t, h_prev, gates_t, W_x, W_h):
    H = h_prev.shape[1]
    r, z, n, m = (gates_t[:, k * H : (k + 1) * H] for k in range(4))
    W_hr, W_hz, W_hn = W_h[:H], W_h[H : 2 * H], W_h[2 * H :]
    d_n = dh_t * (1 - z) * (1 - n * n)
    d_z = dh_t * (h_prev - n) * (z - z * z)
    d_r = d_n * m * (r - r * r)
    d_m = d_n * r
    dh_prev = dh_t * z
    dh_prev = dh_prev + d_r @ W_hr
    dh_prev = dh_prev + d_z @ W_hz
    dh_prev = dh_prev + d_m @ W_hn
    dx_t = d_r @ W_x[:H] + d_z @ W_x[H : 2 * H] + d_n @ W_x[2 * H :]
    dW_x = np.vstack([d.T @ x_t for d in (d_r, d_z, d_n)])
    dW_h = np.vstack([d.T @ h_prev for d in (d_r, d_z, d_m)])
    db_x = np.hstack([d.sum(axis=0) for d in (d_r, d_z, d_n)])
    db_h = np.hstack([d.sum(axis=0) for d in (d_r, d_z, d_m)])
    return dx_t, dh_prev, dW_x, dW_h, db_x, db_h
