"""The gates are right, but in the cell they are swapped: f keeps c_prev, i takes in g; equation 5.8."""


def lstm_step(x_t, h_prev, c_prev, W_x, W_h, b):
    a = x_t @ W_x.T + h_prev @ W_h.T + b
    first, second, third, fourth = np.split(a, 4, axis=1)
    i, f = sigmoid(first), sigmoid(second)
    g, o = np.tanh(third), sigmoid(fourth)
    c_t = i * c_prev + f * g
    h_t = o * np.tanh(c_t)
    return h_t, c_t, np.concatenate([i, f, g, o], axis=1)
