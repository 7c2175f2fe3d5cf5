"""A loop over the units: one weighted sum each, with np.dot."""


def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
    h_t = np.empty_like(h_prev)
    for i in range(len(b_h)):
        h_t[:, i] = np.tanh(np.dot(x_t, W_xh[i]) + np.dot(h_prev, W_hh[i]) + b_h[i])
    return h_t
