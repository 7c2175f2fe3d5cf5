"""Inputs on which `check(gru_forward)` compares a student's function with the solution."""

import numpy as np

RETURNS = {"h": "T B H", "gates": "T B 4H"}


def cases():
    rng = np.random.default_rng(65)
    for T, B, D, H, dtype in (
        (6, 3, 4, 5, float),
        (1, 2, 3, 4, float),
        (2, 1, 1, 1, float),
        (3, 4, 2, 5, "f4"),
    ):
        shapes = {
            "x": (T, B, D),
            "h0": (B, H),
            "W_x": (3 * H, D),
            "W_h": (3 * H, H),
            "b_x": (3 * H,),
            "b_h": (3 * H,),
        }
        args = {name: 0.8 * rng.normal(size=shape) for name, shape in shapes.items()}
        dims = {"T": T, "B": B, "D": D, "H": H, "3H": 3 * H, "4H": 4 * H}
        yield {"dims": dims, "args": {name: a.astype(dtype) for name, a in args.items()}}
