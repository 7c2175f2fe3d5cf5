"""Inputs on which `check(gru_step_reset_before)` compares a student's function with the solution."""

import numpy as np

RETURNS = {"h_t": "B H", "gates_t": "B 4H"}


def cases():
    rng = np.random.default_rng(62)
    for B, D, H, dtype in ((3, 4, 5, float), (1, 1, 1, float), (2, 3, 1, float), (4, 3, 2, "f4")):
        shapes = {
            "x_t": (B, D),
            "h_prev": (B, H),
            "W_x": (3 * H, D),
            "W_h": (3 * H, H),
            "b_x": (3 * H,),
            "b_h": (3 * H,),
        }
        args = {name: rng.normal(size=shape).astype(dtype) for name, shape in shapes.items()}
        yield {"dims": {"B": B, "D": D, "H": H, "3H": 3 * H, "4H": 4 * H}, "args": args}
