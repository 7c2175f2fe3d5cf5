"""Inputs on which `check(rnn_forward)` compares a student's function with the solution."""

import numpy as np

RETURNS = {"h": "T B H"}


def cases():
    rng = np.random.default_rng(12)
    for T, B, D, H, dtype in (
        (6, 3, 4, 5, np.float64),
        (4, 2, 3, 5, np.float32),
        (1, 1, 1, 1, np.float64),
        (3, 3, 2, 4, np.float64),
    ):
        shapes = {"x": (T, B, D), "h0": (B, H), "W_xh": (H, D), "W_hh": (H, H), "b_h": (H,)}
        args = {name: rng.normal(size=shape).astype(dtype) / 2 for name, shape in shapes.items()}
        yield {"dims": {"T": T, "B": B, "D": D, "H": H}, "args": args}
