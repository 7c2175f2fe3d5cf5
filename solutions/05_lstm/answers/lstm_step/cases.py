"""Inputs on which `check(lstm_step)` compares a student's function with the solution."""

import numpy as np

RETURNS = {"h_t": "B H", "c_t": "B H", "gates_t": "B 4H"}


def cases():
    rng = np.random.default_rng(52)
    for B, D, H, dtype in ((3, 7, 5, float), (1, 2, 3, float), (2, 1, 1, float), (3, 4, 2, "f4")):
        args = {
            "x_t": rng.normal(size=(B, D)),
            "h_prev": np.tanh(rng.normal(size=(B, H))),
            "c_prev": rng.normal(size=(B, H)),
            "W_x": rng.normal(size=(4 * H, D)),
            "W_h": rng.normal(size=(4 * H, H)),
            "b": rng.normal(size=4 * H),
        }
        yield {
            "dims": {"B": B, "D": D, "H": H, "4H": 4 * H},
            "args": {name: value.astype(dtype) for name, value in args.items()},
        }
