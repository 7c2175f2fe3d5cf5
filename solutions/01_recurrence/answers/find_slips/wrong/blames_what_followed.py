"""Correct steps after a slip are blamed, too: equation 1.5 starts each step from the state as it was claimed, not from the right one."""


def find_slips(claimed, x, h0, W_xh, W_hh, b_h):
    h = rnn_forward(x, h0, W_xh, W_hh, b_h)
    return h, np.abs(claimed - h) > 0.005
