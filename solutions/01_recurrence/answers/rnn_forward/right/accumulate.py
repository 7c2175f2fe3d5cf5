"""The standard library's accumulate, on the joined weights."""

from itertools import accumulate


def rnn_forward(x, h0, W_xh, W_hh, b_h):
    W = np.hstack((W_hh, W_xh)).T

    def step(state, x_t):
        return np.tanh(np.hstack((state, x_t)) @ W + b_h)

    states = list(accumulate(x, step, initial=h0))
    return np.array(states[1:])
