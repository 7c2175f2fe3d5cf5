"""Einstein sums: every index of equation 1.2 by name."""


def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
    a = np.einsum("bd,hd->bh", x_t, W_xh)
    a = a + np.einsum("bg,hg->bh", h_prev, W_hh)
    return np.tanh(a + b_h)
