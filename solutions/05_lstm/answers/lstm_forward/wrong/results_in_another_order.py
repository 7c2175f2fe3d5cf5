"""The cell states come first here; the docstring says h, c, gates."""


def lstm_forward(x, h0, c0, W_x, W_h, b):
    h_t, c_t = h0, c0
    h, c, gates = [], [], []
    for x_t in x:
        h_t, c_t, gates_t = lstm_step(x_t, h_t, c_t, W_x, W_h, b)
        h.append(h_t)
        c.append(c_t)
        gates.append(gates_t)
    return np.stack(c), np.stack(h), np.stack(gates)
