"""All recurrent products use h0. The state after a step is needed for the next: that product must stay in the loop; equation 5.23."""


def lstm_forward_fused(x, h0, c0, W_x, W_h, b):
    from_input = x @ W_x.T + b
    h_t, c_t = h0, c0
    h, c, gates = [], [], []
    for t in range(len(x)):
        a = from_input[t] + h0 @ W_h.T
        first, second, third, fourth = np.split(a, 4, axis=1)
        i, f, g, o = sigmoid(first), sigmoid(second), np.tanh(third), sigmoid(fourth)
        c_t = f * c_t + i * g
        h_t = o * np.tanh(c_t)
        h.append(h_t)
        c.append(c_t)
        gates.append(np.concatenate([i, f, g, o], axis=1))
    return np.stack(h), np.stack(c), np.stack(gates)
