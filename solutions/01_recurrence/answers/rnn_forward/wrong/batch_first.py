"""This walks along the second axis as if it were time. Here time comes first: x is (T, B, D)."""


def rnn_forward(x, h0, W_xh, W_hh, b_h):
    h_t = h0
    states = []
    for t in range(x.shape[1]):
        h_t = rnn_step(x[:, t], h_t, W_xh, W_hh, b_h)
        states.append(h_t)
    return np.stack(states, axis=1)
