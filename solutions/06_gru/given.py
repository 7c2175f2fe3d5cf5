"""What earlier chapters built and this one uses. Import it: `from given import …`."""

import numpy as np


# from 02_bptt
def numerical_gradient(f, x, eps=1e-6):
    """Gradient of f at x by central differences, equation 2.4.

    f: takes an array like x, returns one number. x: floats of any shape. eps: the step.
    Returns an array of the shape and dtype of x.
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
def encode(text, vocabulary):
    """Ids of the characters of text: their positions in vocabulary. Returns (N,) int64."""
    ids = {character: i for i, character in enumerate(vocabulary)}
    return np.array([ids[character] for character in text], dtype=np.int64)


def clip_by_global_norm(gradients, max_norm):
    """Shorten gradients whose joint norm exceeds max_norm, equations 3.5 and 3.6.

    gradients: dict of arrays. Returns clipped (a new dict of new arrays of the same dtypes) and
    norm (before clipping).
    """
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    scale = max_norm / norm if norm > max_norm else 1.0
    return {name: g * scale for name, g in gradients.items()}, norm


def adam_step(parameters, gradients, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """One step of Adam, equations 3.7 to 3.10.

    parameters, gradients: dicts of arrays with the same keys. state: None, or what this returned.
    Returns new parameters and the new state, a dict of step (int), m and v (dicts of arrays).
    All arrays keep the dtype of the parameters.
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
