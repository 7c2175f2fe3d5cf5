"""Slices of rows, a product for each block."""


def gru_step_reset_before(x_t, h_prev, W_x, W_h, b_x, b_h):
    H = h_prev.shape[1]
    r, z, n = (slice(k * H, (k + 1) * H) for k in range(3))
    reset = sigmoid(x_t @ W_x[r].T + b_x[r] + h_prev @ W_h[r].T + b_h[r])
    update = sigmoid(x_t @ W_x[z].T + b_x[z] + h_prev @ W_h[z].T + b_h[z])
    product = np.einsum("bj,bj,ij->bi", reset, h_prev, W_h[n]) + b_h[n]
    new = np.tanh(x_t @ W_x[n].T + b_x[n] + product)
    return new + update * (h_prev - new), np.hstack((reset, update, new, product))
