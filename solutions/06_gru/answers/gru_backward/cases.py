"""Inputs on which `check(gru_backward)` compares a student's function with the solution."""

import numpy as np

RETURNS = {
    "dx": "T B D",
    "dh0": "B H",
    "dW_x": "3H D",
    "dW_h": "3H H",
    "db_x": "3H",
    "db_h": "3H",
}


def step(x_t, h_prev, W_x, W_h, b_x, b_h):
    x_r, x_z, x_n = np.split(x_t @ W_x.T + b_x, 3, axis=1)
    h_r, h_z, m = np.split(h_prev @ W_h.T + b_h, 3, axis=1)
    r, z = 1 / (1 + np.exp(-x_r - h_r)), 1 / (1 + np.exp(-x_z - h_z))
    n = np.tanh(x_n + r * m)
    return (1 - z) * n + z * h_prev, np.concatenate([r, z, n, m], axis=1)


def cases():
    rng = np.random.default_rng(67)
    for T, B, D, H, dtype in (
        (6, 3, 4, 5, float),
        (1, 2, 3, 4, float),
        (2, 1, 1, 1, float),
        (3, 4, 2, 5, "f4"),
    ):
        x, h0 = rng.normal(size=(T, B, D)), rng.normal(size=(B, H))
        W_x, W_h = 0.8 * rng.normal(size=(3 * H, D)), 0.8 * rng.normal(size=(3 * H, H))
        b_x, b_h = rng.normal(size=3 * H), rng.normal(size=3 * H)
        h, gates, state = [], [], h0
        for x_t in x:
            state, gates_t = step(x_t, state, W_x, W_h, b_x, b_h)
            h.append(state)
            gates.append(gates_t)
        arrays = {
            "dh": rng.normal(size=(T, B, H)),
            "x": x,
            "h0": h0,
            "h": np.array(h),
            "gates": np.array(gates),
            "W_x": W_x,
            "W_h": W_h,
        }
        dims = {"T": T, "B": B, "D": D, "H": H, "3H": 3 * H, "4H": 4 * H}
        yield {"dims": dims, "args": {name: a.astype(dtype) for name, a in arrays.items()}}
