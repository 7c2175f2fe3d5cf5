"""True and False are the wrong way round: True marks a slip."""


def find_slips(claimed, x, h0, W_xh, W_hh, b_h):
    h = rnn_forward(x, h0, W_xh, W_hh, b_h)
    before = np.concatenate([h0[None], claimed[:-1]])
    again = np.stack(
        [rnn_step(x_t, h_t, W_xh, W_hh, b_h) for x_t, h_t in zip(x, before, strict=True)]
    )
    return h, np.abs(claimed - again) <= 0.005
