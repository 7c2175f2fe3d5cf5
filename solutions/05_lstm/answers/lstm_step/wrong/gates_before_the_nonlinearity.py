"""h_t and c_t are right, but gates_t holds the sums a_t. The backward pass wants the gates after the sigmoid and the tanh, equation 5.7."""


def lstm_step(x_t, h_prev, c_prev, W_x, W_h, b):
    a = x_t @ W_x.T + h_prev @ W_h.T + b
    first, second, third, fourth = np.split(a, 4, axis=1)
    i, f = sigmoid(first), sigmoid(second)
    g, o = np.tanh(third), sigmoid(fourth)
    c_t = f * c_prev + i * g
    h_t = o * np.tanh(c_t)
    return h_t, c_t, a
