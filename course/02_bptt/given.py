"""What earlier chapters built and this one uses. Import it: `from given import …`."""

import numpy as np


# from 01_recurrence
def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
    """One step of an RNN, equation 1.3.

    x_t: (B, D), the inputs of this step. h_prev: (B, H), the states before it.
    W_xh: (H, D), W_hh: (H, H), b_h: (H,). Returns h_t: (B, H).
    """
    return np.tanh(x_t @ W_xh.T + h_prev @ W_hh.T + b_h)


def rnn_forward(x, h0, W_xh, W_hh, b_h):
    """All states of an RNN over a batch of sequences, equation 1.4.

    x: (T, B, D). h0: (B, H), the states before the first input.
    W_xh: (H, D), W_hh: (H, H), b_h: (H,). Returns h: (T, B, H).
    """
    states = []
    h_t = h0
    for x_t in x:
        h_t = rnn_step(x_t, h_t, W_xh, W_hh, b_h)
        states.append(h_t)
    return np.stack(states)


def readout(h, W_hy, b_y):
    """Logits at every step, equation 1.6.

    h: (T, B, H). W_hy: (K, H), b_y: (K,). Returns logits: (T, B, K).
    """
    return h @ W_hy.T + b_y


def softmax(logits):
    """Probabilities along the last axis, equations 1.7 and 1.8; stable for logits of any size.

    logits: (..., K). Returns p: (..., K), of the same dtype.
    """
    shifted = logits - logits.max(axis=-1, keepdims=True)
    powers = np.exp(shifted)
    return powers / powers.sum(axis=-1, keepdims=True)
