"""Inputs on which `check(rnn_step_backward)` compares a student's function with the solution."""

import numpy as np

RETURNS = {"dx_t": "B D", "dh_prev": "B H", "dW_xh": "H D", "dW_hh": "H H", "db_h": "H"}


def cases():
    rng = np.random.default_rng(23)
    for B, D, H, dtype in ((3, 4, 5, float), (1, 2, 3, float), (2, 1, 1, float), (3, 4, 2, "f4")):
        args = {
            "dh_t": rng.normal(size=(B, H)),
            "x_t": rng.normal(size=(B, D)),
            "h_prev": np.tanh(rng.normal(size=(B, H))),
            "h_t": np.tanh(rng.normal(size=(B, H))),
            "W_xh": rng.normal(size=(H, D)),
            "W_hh": rng.normal(size=(H, H)),
        }
        yield {
            "dims": {"B": B, "D": D, "H": H},
            "args": {name: value.astype(dtype) for name, value in args.items()},
        }
