"""The states are stored one step late: entry t must be the state after x[t], and this is the one before it."""


def rnn_forward(x, h0, W_xh, W_hh, b_h):
    states = []
    h_t = h0
    for x_t in x:
        states.append(h_t)
        h_t = rnn_step(x_t, h_t, W_xh, W_hh, b_h)
    return np.stack(states)
