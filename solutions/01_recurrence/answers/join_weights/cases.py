"""Inputs on which `check(join_weights)` compares a student's function with the solution."""

import numpy as np

RETURNS = {"W": "H H+D"}


def cases():
    rng = np.random.default_rng(16)
    for D, H, dtype in (
        (3, 5, np.float64),
        (1, 1, np.float64),
        (4, 4, np.float64),
        (2, 3, np.float32),
    ):
        W_xh, W_hh = rng.normal(size=(H, D)), rng.normal(size=(H, H))
        args = {"W_xh": W_xh.astype(dtype), "W_hh": W_hh.astype(dtype)}
        yield {"dims": {"D": D, "H": H}, "args": args}
