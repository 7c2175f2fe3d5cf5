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


# from 02_bptt
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


# from 03_language_model
def encode(text, vocabulary):
    """Ids of the characters of text: their positions in vocabulary. Returns (N,) int64."""
    ids = {character: i for i, character in enumerate(vocabulary)}
    return np.array([ids[character] for character in text], dtype=np.int64)


def bits_per_character(loss):
    """A loss in nats, in bits: equation 3.3."""
    return loss / np.log(2)


# from 04_vanishing_gradients
def adding_problem(T, B, rng):
    """A batch of the adding problem, equation 4.8.

    T: steps, at least 2. B: sequences. rng: numpy.random.Generator.
    Returns x (T, B, 2), values in x[..., 0] and markers in x[..., 1], and y (B,), both float64.
    """
    values = rng.uniform(size=(T, B))
    markers = np.zeros((T, B))
    sequence = np.arange(B)
    first = rng.integers(0, T // 2, size=B)
    second = rng.integers(T // 2, T, size=B)
    markers[first, sequence] = 1
    markers[second, sequence] = 1
    y = values[first, sequence] + values[second, sequence]
    return np.stack([values, markers], axis=-1), y


# from 05_lstm
def sigmoid(a):
    """The sigmoid 1 / (1 + exp(-a)), stable for every float, equations 5.5 and 5.6.

    a: floats of any shape. Returns an array of the same shape and dtype.
    """
    e = np.exp(-np.abs(a))
    return np.where(a >= 0, 1, e) / (1 + e)


def lstm_step(x_t, h_prev, c_prev, W_x, W_h, b):
    """One step of an LSTM, equations 5.7 to 5.9.

    x_t: (B, D). h_prev, c_prev: (B, H). W_x: (4H, D), W_h: (4H, H), b: (4H,), blocks i, f, g, o.
    Returns h_t (B, H), c_t (B, H) and gates_t (B, 4H), the gates after the nonlinearities.
    """
    a = x_t @ W_x.T + h_prev @ W_h.T + b
    a_i, a_f, a_g, a_o = np.split(a, 4, axis=1)
    i, f, o = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o)
    g = np.tanh(a_g)
    c_t = f * c_prev + i * g  # (5.8)
    h_t = o * np.tanh(c_t)  # (5.9)
    return h_t, c_t, np.concatenate([i, f, g, o], axis=1)


def lstm_forward(x, h0, c0, W_x, W_h, b):
    """An LSTM over a batch of sequences, equation 5.10.

    x: (T, B, D). h0, c0: (B, H). W_x: (4H, D), W_h: (4H, H), b: (4H,).
    Returns h (T, B, H), c (T, B, H) and gates (T, B, 4H): the results of every step.
    """
    h_t, c_t = h0, c0
    h, c, gates = [], [], []
    for x_t in x:
        h_t, c_t, gates_t = lstm_step(x_t, h_t, c_t, W_x, W_h, b)
        h.append(h_t)
        c.append(c_t)
        gates.append(gates_t)
    return np.stack(h), np.stack(c), np.stack(gates)


def lstm_step_backward(dh_t, dc_t, x_t, h_prev, c_prev, c_t, gates_t, W_x, W_h):
    """Backward pass of one LSTM step, equations 5.12 to 5.18.

    dh_t: (B, H), the complete gradient at h_t. dc_t: (B, H), the gradient that reaches c_t from the
    next step's cell; what comes through h_t is added here.
    x_t: (B, D). h_prev, c_prev, c_t: (B, H). gates_t: (B, 4H). W_x: (4H, D), W_h: (4H, H).
    Returns dx_t (B, D), dh_prev (B, H), dc_prev (B, H), dW_x (4H, D), dW_h (4H, H), db (4H,).
    """
    i, f, g, o = np.split(gates_t, 4, axis=1)
    tanh_c = np.tanh(c_t)
    dc = dc_t + dh_t * o * (1 - tanh_c**2)  # (5.12)
    da_i = dc * g * i * (1 - i)  # (5.13)
    da_f = dc * c_prev * f * (1 - f)  # (5.14)
    da_g = dc * i * (1 - g**2)  # (5.15)
    da_o = dh_t * tanh_c * o * (1 - o)  # (5.16)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
    return da @ W_x, da @ W_h, dc * f, da.T @ x_t, da.T @ h_prev, da.sum(axis=0)


def lstm_backward(dh, x, h0, c0, h, c, gates, W_x, W_h):
    """Backpropagation through time for an LSTM, equations 5.19 and 5.20.

    dh: (T, B, H), the loss's direct gradient at each h. x: (T, B, D). h0, c0: (B, H).
    h, c: (T, B, H) and gates: (T, B, 4H), as lstm_forward returned them.
    Returns dx (T, B, D), dh0, dc0 (B, H), dW_x (4H, D), dW_h (4H, H), db (4H,).
    """
    dx = np.empty_like(x)
    dW_x, dW_h, db = np.zeros_like(W_x), np.zeros_like(W_h), np.zeros_like(W_h[:, 0])
    dh_next, dc_next = np.zeros_like(h0), np.zeros_like(c0)
    for t in reversed(range(len(x))):
        h_prev, c_prev = (h[t - 1], c[t - 1]) if t > 0 else (h0, c0)
        dx[t], dh_next, dc_next, dW_x_t, dW_h_t, db_t = lstm_step_backward(
            dh[t] + dh_next, dc_next, x[t], h_prev, c_prev, c[t], gates[t], W_x, W_h
        )
        dW_x += dW_x_t  # (5.20)
        dW_h += dW_h_t
        db += db_t
    return dx, dh_next, dc_next, dW_x, dW_h, db


# from 06_gru
def gru_step(x_t, h_prev, W_x, W_h, b_x, b_h):
    """One step of a GRU that resets after the product, equations 6.1 to 6.4.

    x_t: (B, D). h_prev: (B, H). W_x: (3H, D), W_h: (3H, H), b_x, b_h: (3H,), blocks r, z, n.
    Returns h_t (B, H) and gates_t (B, 4H): r, z, n and the hidden product m. The dtype is kept.
    """
    x_r, x_z, x_n = np.split(x_t @ W_x.T + b_x, 3, axis=1)
    h_r, h_z, m = np.split(h_prev @ W_h.T + b_h, 3, axis=1)
    r = sigmoid(x_r + h_r)
    z = sigmoid(x_z + h_z)
    n = np.tanh(x_n + r * m)  # (6.4)
    h_t = (1 - z) * n + z * h_prev  # (6.1)
    return h_t, np.concatenate([r, z, n, m], axis=1)


def gru_forward(x, h0, W_x, W_h, b_x, b_h):
    """A GRU over a sequence.

    x: (T, B, D). h0: (B, H). W_x: (3H, D), W_h: (3H, H), b_x, b_h: (3H,), blocks r, z, n.
    Returns h (T, B, H), the state after each step, and gates (T, B, 4H) as gru_step gives them.
    """
    h, gates = [], []
    h_t = h0
    for x_t in x:
        h_t, gates_t = gru_step(x_t, h_t, W_x, W_h, b_x, b_h)
        h.append(h_t)
        gates.append(gates_t)
    return np.stack(h), np.stack(gates)


def gru_step_backward(dh_t, x_t, h_prev, gates_t, W_x, W_h):
    """Backward pass of gru_step, equations 6.11 to 6.17.

    dh_t: (B, H), gradient of the loss by h_t. x_t: (B, D). h_prev: (B, H). gates_t: (B, 4H) as
    gru_step returned it. W_x: (3H, D), W_h: (3H, H).
    Returns dx_t (B, D), dh_prev (B, H), dW_x (3H, D), dW_h (3H, H), db_x (3H,), db_h (3H,).
    """
    r, z, n, m = np.split(gates_t, 4, axis=1)
    dn = dh_t * (1 - z)  # (6.11)
    dz = dh_t * (h_prev - n)
    da_n = dn * (1 - n**2)  # (6.12)
    dr = da_n * m  # (6.13)
    dm = da_n * r
    da_r = dr * r * (1 - r)  # (6.14)
    da_z = dz * z * (1 - z)
    da_x = np.concatenate([da_r, da_z, da_n], axis=1)  # (6.15)
    da_h = np.concatenate([da_r, da_z, dm], axis=1)
    dx_t = da_x @ W_x  # (6.16)
    dh_prev = dh_t * z + da_h @ W_h
    return dx_t, dh_prev, da_x.T @ x_t, da_h.T @ h_prev, da_x.sum(axis=0), da_h.sum(axis=0)


def gru_backward(dh, x, h0, h, gates, W_x, W_h):
    """Backpropagation through time for a GRU, equation 6.18.

    dh: (T, B, H), the loss's direct gradient at every state. x: (T, B, D). h0: (B, H). h: (T, B, H)
    and gates: (T, B, 4H) as gru_forward returned them. W_x: (3H, D), W_h: (3H, H).
    Returns dx (T, B, D), dh0 (B, H), dW_x (3H, D), dW_h (3H, H), db_x (3H,), db_h (3H,).
    """
    dx = np.empty_like(x)
    dW_x, dW_h = np.zeros_like(W_x), np.zeros_like(W_h)
    db_x, db_h = np.zeros_like(W_x[:, 0]), np.zeros_like(W_h[:, 0])
    carried = np.zeros_like(h0)
    for t in reversed(range(len(x))):
        h_prev = h[t - 1] if t > 0 else h0
        dx[t], carried, dW_x_t, dW_h_t, db_x_t, db_h_t = gru_step_backward(
            dh[t] + carried, x[t], h_prev, gates[t], W_x, W_h
        )
        dW_x += dW_x_t
        dW_h += dW_h_t
        db_x += db_x_t
        db_h += db_h_t
    return dx, carried, dW_x, dW_h, db_x, db_h
