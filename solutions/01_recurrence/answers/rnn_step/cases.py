"""Inputs on which `check(rnn_step)` compares a student's function with the solution."""

import numpy as np

RETURNS = {"h_t": "B H"}


def cases():
    rng = np.random.default_rng(11)
    for B, D, H, dtype in (
        (3, 4, 5, np.float64),
        (2, 3, 6, np.float32),
        (1, 1, 1, np.float64),
        (2, 3, 3, np.float64),
    ):
        shapes = {"x_t": (B, D), "h_prev": (B, H), "W_xh": (H, D), "W_hh": (H, H), "b_h": (H,)}
        args = {name: rng.normal(size=shape).astype(dtype) for name, shape in shapes.items()}
        yield {"dims": {"B": B, "D": D, "H": H}, "args": args}
