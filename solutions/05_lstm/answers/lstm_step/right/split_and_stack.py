"""One product of joined weights, split into gates."""


def lstm_step(x_t, h_prev, c_prev, W_x, W_h, b):
    a = np.concatenate([x_t, h_prev], axis=1) @ np.concatenate([W_x, W_h], axis=1).T + b
    a_i, a_f, a_g, a_o = np.split(a, 4, axis=1)
    i, f, g, o = sigmoid(a_i), sigmoid(a_f), np.tanh(a_g), sigmoid(a_o)
    c_t = f * c_prev + i * g
    return o * np.tanh(c_t), c_t, np.concatenate([i, f, g, o], axis=1)
