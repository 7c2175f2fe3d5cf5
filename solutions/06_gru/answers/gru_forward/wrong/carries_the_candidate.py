"""What is carried to the next step is the candidate n, a block of the gates. The state h_t is carried; see equation 6.1."""


def gru_forward(x, h0, W_x, W_h, b_x, b_h):
    h, gates = [], []
    h_t = h0
    for x_t in x:
        h_t, gates_t = gru_step(x_t, h_t, W_x, W_h, b_x, b_h)
        h.append(h_t)
        gates.append(gates_t)
        h_t = np.split(gates_t, 4, axis=1)[2]
    return np.stack(h), np.stack(gates)
