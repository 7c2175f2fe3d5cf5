"""Inputs on which `check(LSTMCell)` looks at what a student's cell does."""

import numpy as np

RETURNS = {"h_t": "B H", "c_t": "B H"}
OBSERVE = "cell_step"


def cases():
    rng = np.random.default_rng(74)
    for B, D, H, dtype, given in (
        (2, 4, 5, "f8", True),
        (2, 3, 4, "f8", False),
        (1, 1, 1, "f8", True),
        (3, 2, 4, "f4", True),
    ):
        shapes = {"W_x": (4 * H, D), "W_h": (4 * H, H), "b": (4 * H,)}
        state = tuple(rng.normal(size=(2, B, H)).astype(dtype))
        args = {
            "weights": {k: rng.normal(size=shape).astype(dtype) for k, shape in shapes.items()},
            "x_t": rng.normal(size=(B, D)).astype(dtype),
            "state": state if given else None,
            "upstream": tuple(rng.normal(size=(2, B, H)).astype(dtype)),
        }
        yield {"dims": {"B": B, "D": D, "H": H, "4H": 4 * H, "3": 3}, "args": args}
