"""The joined weights of equation 1.9, with the tanh written by exponentials."""


def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
    both = np.concatenate([h_prev, x_t], axis=1)
    W = np.concatenate([W_hh, W_xh], axis=1)
    a = both @ W.T + b_h
    e = np.exp(-2 * np.abs(a))
    return np.sign(a) * (1 - e) / (1 + e)
