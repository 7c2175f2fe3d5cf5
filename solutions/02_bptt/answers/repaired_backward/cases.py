"""Inputs on which `check(repaired_backward)` compares a student's function with the solution."""

import numpy as np

RETURNS = {"dW_xh": "H D", "dW_hh": "H H", "db_h": "H"}


def cases():
    rng = np.random.default_rng(26)
    for T, B, D, H, dtype in (
        (6, 3, 4, 5, float),
        (1, 2, 3, 4, float),
        (2, 1, 1, 1, float),
        (3, 4, 2, 5, "f4"),
    ):
        args = {
            "dh": rng.normal(size=(T, B, H)),
            "x": rng.normal(size=(T, B, D)),
            "h0": rng.normal(size=(B, H)),
            "h": np.tanh(rng.normal(size=(T, B, H))),
            "W_hh": 0.7 * rng.normal(size=(H, H)),
        }
        yield {
            "dims": {"T": T, "B": B, "D": D, "H": H},
            "args": {name: value.astype(dtype) for name, value in args.items()},
        }
