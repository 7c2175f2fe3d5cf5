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
def numerical_gradient(f, x, eps=1e-6):
    """Gradient of f at x by central differences, equation 2.4.

    f: takes an array like x, returns one number. x: floats of any shape. eps: the step.
    Returns an array of the shape of x.
    """
    gradient = np.empty_like(x)
    moved = x.copy()
    for i in np.ndindex(x.shape):
        moved[i] = x[i] + eps
        up = f(moved)
        moved[i] = x[i] - eps
        down = f(moved)
        moved[i] = x[i]
        gradient[i] = (up - down) / (2 * eps)
    return gradient


def relative_error(a, b):
    """Largest difference of two arrays relative to their largest entry, equation 2.5.

    a, b: arrays of one shape. Returns one number; 0.0 where both arrays are 0 everywhere.
    """
    scale = max(np.abs(a).max(), np.abs(b).max())
    if scale == 0:
        return 0.0
    return np.abs(a - b).max() / scale


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


# from 04_vanishing_gradients
def step_jacobian(h_t, W_hh):
    """Jacobian of one step of a tanh RNN, equation 4.2.

    h_t: (B, H), the state after the step. W_hh: (H, H).
    Returns (B, H, H): entry [n, i, j] is the derivative of h_t[n, i] with respect to h_{t-1}[n, j].
    """
    slope = 1 - h_t**2
    return slope[:, :, None] * W_hh


def gradient_reach(h, W_hh):
    """Spectral norm of the derivative of h_T with respect to each h_t, equation 4.3.

    h: (T, B, H), the states of a tanh RNN. W_hh: (H, H).
    Returns (T,): for each t the norm, averaged over the B sequences.
    """
    T, B, H = h.shape
    reach = np.empty(T, dtype=h.dtype)
    product = np.broadcast_to(np.eye(H), (B, H, H))
    for t in reversed(range(T)):
        reach[t] = np.linalg.norm(product, ord=2, axis=(1, 2)).mean()
        product = product @ step_jacobian(h[t], W_hh)
    return reach


def orthogonal(H, gain, rng):
    """A random orthogonal matrix times gain, equation 4.6.

    H: size. gain: every singular value. rng: numpy.random.Generator. Returns (H, H) float64.
    """
    Q, R = np.linalg.qr(rng.normal(size=(H, H)))
    return gain * Q


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
