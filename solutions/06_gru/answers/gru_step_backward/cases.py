"""Inputs on which `check(gru_step_backward)` compares a student's function with the solution."""

import numpy as np

RETURNS = {
    "dx_t": "B D",
    "dh_prev": "B H",
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
    rng = np.random.default_rng(66)
    for B, D, H, dtype in ((3, 4, 5, float), (1, 1, 1, float), (2, 3, 1, float), (4, 3, 2, "f4")):
        x_t, h_prev = rng.normal(size=(B, D)), rng.normal(size=(B, H))
        W_x, W_h = 0.8 * rng.normal(size=(3 * H, D)), 0.8 * rng.normal(size=(3 * H, H))
        b_x, b_h = rng.normal(size=3 * H), rng.normal(size=3 * H)
        args = {
            "dh_t": rng.normal(size=(B, H)),
            "x_t": x_t,
            "h_prev": h_prev,
            "gates_t": step(x_t, h_prev, W_x, W_h, b_x, b_h)[1],
            "W_x": W_x,
            "W_h": W_h,
        }
        args = {name: a.astype(dtype) for name, a in args.items()}
        yield {"dims": {"B": B, "D": D, "H": H, "3H": 3 * H, "4H": 4 * H}, "args": args}
