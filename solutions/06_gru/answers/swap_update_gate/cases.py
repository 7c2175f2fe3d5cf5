"""Inputs on which `check(swap_update_gate)` compares a student's function with the solution."""

import numpy as np

RETURNS = {"W_x": "3H D", "W_h": "3H H", "b_x": "3H", "b_h": "3H"}


def cases():
    rng = np.random.default_rng(64)
    for D, H, dtype in ((4, 5, float), (1, 1, float), (3, 2, "f4")):
        shapes = {"W_x": (3 * H, D), "W_h": (3 * H, H), "b_x": (3 * H,), "b_h": (3 * H,)}
        args = {name: rng.normal(size=shape).astype(dtype) for name, shape in shapes.items()}
        yield {"dims": {"D": D, "H": H, "3H": 3 * H}, "args": args}
