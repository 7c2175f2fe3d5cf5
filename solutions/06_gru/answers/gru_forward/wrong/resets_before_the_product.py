"""The steps reset the state before the product, the other definition. Use gru_step; see equation 6.4."""


def gru_forward(x, h0, W_x, W_h, b_x, b_h):
    h, gates = [], []
    h_t = h0
    for x_t in x:
        h_t, gates_t = gru_step_reset_before(x_t, h_t, W_x, W_h, b_x, b_h)
        h.append(h_t)
        gates.append(gates_t)
    return np.stack(h), np.stack(gates)
