"""The first step, then the rest of the sequence."""


def gru_forward(x, h0, W_x, W_h, b_x, b_h):
    h_t, gates_t = gru_step(x[0], h0, W_x, W_h, b_x, b_h)
    if len(x) == 1:
        return h_t[None], gates_t[None]
    h, gates = gru_forward(x[1:], h_t, W_x, W_h, b_x, b_h)
    return np.concatenate([h_t[None], h]), np.concatenate([gates_t[None], gates])
