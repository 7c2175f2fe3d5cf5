"""Inputs on which `check(lstm_step_backward)` compares a student's function with the solution."""

import numpy as np

RETURNS = {
    "dx_t": "B D",
    "dh_prev": "B H",
    "dc_prev": "B H",
    "dW_x": "4H D",
    "dW_h": "4H H",
    "db": "4H",
}


def cases():
    rng = np.random.default_rng(54)
    for B, D, H, dtype in ((3, 4, 5, float), (1, 2, 3, float), (2, 1, 1, float), (3, 4, 2, "f4")):
        W_x, W_h = rng.normal(size=(4 * H, D)), rng.normal(size=(4 * H, H))
        x_t, h_prev = rng.normal(size=(B, D)), np.tanh(rng.normal(size=(B, H)))
        c_prev = rng.normal(size=(B, H))
        i, f, g, o = np.split(x_t @ W_x.T + h_prev @ W_h.T, 4, axis=1)
        i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
        g = np.tanh(g)
        args = {
            "dh_t": rng.normal(size=(B, H)),
            "dc_t": rng.normal(size=(B, H)),
            "x_t": x_t,
            "h_prev": h_prev,
            "c_prev": c_prev,
            "c_t": f * c_prev + i * g,
            "gates_t": np.concatenate([i, f, g, o], axis=1),
            "W_x": W_x,
            "W_h": W_h,
        }
        yield {
            "dims": {"B": B, "D": D, "H": H, "4H": 4 * H},
            "args": {name: value.astype(dtype) for name, value in args.items()},
        }
