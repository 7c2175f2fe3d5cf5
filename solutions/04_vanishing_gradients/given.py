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


# from 03_language_model
def clip_by_global_norm(gradients, max_norm):
    """Shorten gradients whose joint norm exceeds max_norm, equations 3.5 and 3.6.

    gradients: dict of arrays, left as they are. Returns clipped (a dict with the same keys, shapes
    and dtypes) and norm (before clipping).
    """
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    scale = max_norm / norm if norm > max_norm else 1.0
    return {name: g * scale for name, g in gradients.items()}, norm


def adam_step(parameters, gradients, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """One step of Adam, equations 3.7 to 3.10.

    parameters, gradients: dicts of arrays with the same keys. state: None, or what this returned.
    Returns new parameters and the new state, a dict of step (int), m and v (dicts of arrays).
    All arrays keep the dtype of the parameters, if lr is a Python float.
    """
    if state is None:
        zeros = {name: np.zeros_like(p) for name, p in parameters.items()}
        state = {"step": 0, "m": zeros, "v": zeros}
    step = state["step"] + 1
    updated, m, v = {}, {}, {}
    for name, g in gradients.items():
        m[name] = beta1 * state["m"][name] + (1 - beta1) * g
        v[name] = beta2 * state["v"][name] + (1 - beta2) * g**2
        m_hat = m[name] / (1 - beta1**step)
        v_hat = v[name] / (1 - beta2**step)
        updated[name] = parameters[name] - lr * m_hat / (np.sqrt(v_hat) + eps)
    return updated, {"step": step, "m": m, "v": v}
