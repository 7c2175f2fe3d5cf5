"""The states are right, but the axes are swapped: the result is (T, B, H), time first."""


def rnn_forward(x, h0, W_xh, W_hh, b_h):
    states, h_t = [], h0
    for x_t in x:
        h_t = rnn_step(x_t, h_t, W_xh, W_hh, b_h)
        states.append(h_t)
    return np.stack(states, axis=1)
