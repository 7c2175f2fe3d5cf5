"""The results have the batch first. Time comes first: (T, B, H) and (T, B, 4H)."""


def gru_forward(x, h0, W_x, W_h, b_x, b_h):
    h, gates = [], []
    h_t = h0
    for x_t in x:
        h_t, gates_t = gru_step(x_t, h_t, W_x, W_h, b_x, b_h)
        h.append(h_t)
        gates.append(gates_t)
    return np.stack(h, axis=1), np.stack(gates, axis=1)
