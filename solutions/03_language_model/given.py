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


# from 02_bptt
def cross_entropy(logits, targets):
    """Mean cross-entropy over all predictions, in nats, and its gradient; equations 2.1 to 2.3.

    logits: (T, B, K), finite, as large as 1e4. targets: (T, B) integers in 0 .. K - 1.
    Returns loss (one number) and dlogits (T, B, K), in the dtype of the logits.
    """
    T, B, K = logits.shape
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))  # (2.2)
    one_hot = np.eye(K, dtype=logits.dtype)[targets]
    loss = -(one_hot * log_p).sum() / (T * B)  # (2.1)
    dlogits = (softmax(logits) - one_hot) / (T * B)  # (2.3)
    return loss, dlogits


def rnn_step_backward(dh_t, x_t, h_prev, h_t, W_xh, W_hh):
    """Backward pass of one step, equations 2.9 to 2.11.

    dh_t: (B, H), the complete gradient at h_t. x_t: (B, D). h_prev, h_t: (B, H).
    Returns dx_t (B, D), dh_prev (B, H), dW_xh (H, D), dW_hh (H, H), db_h (H,).
    """
    da = dh_t * (1 - h_t**2)  # (2.9)
    dx_t = da @ W_xh  # (2.10)
    dh_prev = da @ W_hh
    dW_xh = da.T @ x_t  # (2.11)
    dW_hh = da.T @ h_prev
    db_h = da.sum(axis=0)
    return dx_t, dh_prev, dW_xh, dW_hh, db_h


def rnn_backward(dh, x, h0, h, W_xh, W_hh):
    """Backpropagation through time, equations 2.13 and 2.14.

    dh: (T, B, H), the loss's direct gradient at each step. x: (T, B, D). h0: (B, H).
    h: (T, B, H), the states that rnn_forward returned.
    Returns dx (T, B, D), dh0 (B, H), dW_xh (H, D), dW_hh (H, H), db_h (H,), in the weights' dtype.
    """
    dx = np.empty_like(x)
    dW_xh, dW_hh = np.zeros_like(W_xh), np.zeros_like(W_hh)
    db_h = np.zeros(len(W_hh), dtype=W_hh.dtype)
    dh_next = np.zeros_like(h0)
    for t in reversed(range(len(h))):
        h_prev = h[t - 1] if t > 0 else h0
        dx_t, dh_prev, dW_xh_t, dW_hh_t, db_h_t = rnn_step_backward(
            dh[t] + dh_next, x[t], h_prev, h[t], W_xh, W_hh
        )
        dx[t], dh_next = dx_t, dh_prev  # (2.13)
        dW_xh += dW_xh_t  # (2.14)
        dW_hh += dW_hh_t
        db_h += db_h_t
    return dx, dh_next, dW_xh, dW_hh, db_h
