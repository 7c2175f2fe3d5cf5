"""Inputs on which `check(lstm_forward)` compares a student's function with the solution."""

import numpy as np

RETURNS = {"h": "T B H", "c": "T B H", "gates": "T B 4H"}


def cases():
    rng = np.random.default_rng(53)
    for T, B, D, H, dtype in (
        (6, 3, 4, 5, float),
        (1, 2, 3, 4, float),
        (2, 1, 1, 1, float),
        (3, 4, 2, 5, "f4"),
    ):
        args = {
            "x": rng.normal(size=(T, B, D)),
            "h0": rng.normal(size=(B, H)),
            "c0": rng.normal(size=(B, H)),
            "W_x": rng.normal(size=(4 * H, D)),
            "W_h": rng.normal(size=(4 * H, H)),
            "b": rng.normal(size=4 * H),
        }
        yield {
            "dims": {"T": T, "B": B, "D": D, "H": H, "4H": 4 * H},
            "args": {name: value.astype(dtype) for name, value in args.items()},
        }
