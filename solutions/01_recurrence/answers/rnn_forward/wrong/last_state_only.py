"""This returns the last state alone; wanted are the states of all steps, with time as the first axis."""


def rnn_forward(x, h0, W_xh, W_hh, b_h):
    h_t = h0
    for x_t in x:
        h_t = rnn_step(x_t, h_t, W_xh, W_hh, b_h)
    return h_t
