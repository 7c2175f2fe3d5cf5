"""Every step by itself is a batch of one-step sequences: one call for all."""


def find_slips(claimed, x, h0, W_xh, W_hh, b_h):
    T, B, H = claimed.shape
    before = np.concatenate([h0[None], claimed])[:T]
    again = rnn_step(x.reshape(T * B, -1), before.reshape(T * B, H), W_xh, W_hh, b_h)
    slip = ~np.isclose(claimed, again.reshape(T, B, H), rtol=0, atol=0.005)
    return rnn_forward(x, h0, W_xh, W_hh, b_h), slip
