"""h[t] is the state before step t. It must be the one after it, so that h[0] belongs to x[0]; equation 5.10."""


def lstm_forward(x, h0, c0, W_x, W_h, b):
    h_t, c_t = h0, c0
    h, c, gates = [], [], []
    for x_t in x:
        h.append(h_t)
        h_t, c_t, gates_t = lstm_step(x_t, h_t, c_t, W_x, W_h, b)
        c.append(c_t)
        gates.append(gates_t)
    return np.stack(h), np.stack(c), np.stack(gates)
