"""Inputs on which `check(lstm_backward)` compares a student's function with the solution."""

import numpy as np

RETURNS = {
    "dx": "T B D",
    "dh0": "B H",
    "dc0": "B H",
    "dW_x": "4H D",
    "dW_h": "4H H",
    "db": "4H",
}


def run(x, h0, c0, W_x, W_h, b):
    """The LSTM's states, cells and gates, step by step."""
    h, c, out = h0, c0, ([], [], [])
    for x_t in x:
        a = x_t @ W_x.T + h @ W_h.T + b
        i, f, g, o = np.split(a, 4, axis=1)
        i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
        g = np.tanh(g)
        c = f * c + i * g
        h = o * np.tanh(c)
        for part, value in zip(out, (h, c, np.concatenate([i, f, g, o], axis=1)), strict=True):
            part.append(value)
    return [np.array(part) for part in out]


def cases():
    rng = np.random.default_rng(55)
    for T, B, D, H, dtype in (
        (6, 3, 4, 5, float),
        (1, 2, 3, 4, float),
        (2, 1, 1, 1, float),
        (3, 4, 2, 5, "f4"),
    ):
        x, h0, c0 = (rng.normal(size=size) for size in ((T, B, D), (B, H), (B, H)))
        W_x, W_h = rng.normal(size=(4 * H, D)), 0.5 * rng.normal(size=(4 * H, H))
        h, c, gates = run(x, h0, c0, W_x, W_h, 0.5 * rng.normal(size=4 * H))
        arrays = {
            "dh": rng.normal(size=h.shape),
            "x": x,
            "h0": h0,
            "c0": c0,
            "h": h,
            "c": c,
            "gates": gates,
            "W_x": W_x,
            "W_h": W_h,
        }
        yield {
            "dims": {"T": T, "B": B, "D": D, "H": H, "4H": 4 * H},
            "args": {name: value.astype(dtype) for name, value in arrays.items()},
        }
