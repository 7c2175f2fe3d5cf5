"""The two results are swapped: the right states come first, then the slips."""


def find_slips(claimed, x, h0, W_xh, W_hh, b_h):
    h = rnn_forward(x, h0, W_xh, W_hh, b_h)
    before = np.concatenate([h0[None], claimed[:-1]])
    steps = zip(x, before, strict=True)
    again = np.stack([rnn_step(x_t, h_t, W_xh, W_hh, b_h) for x_t, h_t in steps])
    return np.abs(claimed - again) > 0.005, h
