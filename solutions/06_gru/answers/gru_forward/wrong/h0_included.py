"""h begins with h0. It holds the state after each step, T of them."""


def gru_forward(x, h0, W_x, W_h, b_x, b_h):
    h, gates = [h0], []
    h_t = h0
    for x_t in x:
        h_t, gates_t = gru_step(x_t, h_t, W_x, W_h, b_x, b_h)
        h.append(h_t)
        gates.append(gates_t)
    return np.stack(h), np.stack(gates)
