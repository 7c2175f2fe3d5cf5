"""h and c are swapped on their way into the next step: h_prev is the second argument of lstm_step, c_prev the third; equation 5.10."""


def lstm_forward(x, h0, c0, W_x, W_h, b):
    h_t, c_t = h0, c0
    h, c, gates = [], [], []
    for x_t in x:
        h_t, c_t, gates_t = lstm_step(x_t, c_t, h_t, W_x, W_h, b)
        h.append(h_t)
        c.append(c_t)
        gates.append(gates_t)
    return np.stack(h), np.stack(c), np.stack(gates)
