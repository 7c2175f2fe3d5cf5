"""Inputs on which `check(readout)` compares a student's function with the solution."""

import numpy as np

RETURNS = {"logits": "T B K"}


def cases():
    rng = np.random.default_rng(14)
    for T, B, H, K, dtype in (
        (6, 3, 5, 4, np.float64),
        (2, 3, 5, 4, np.float32),
        (1, 1, 1, 1, np.float64),
        (2, 5, 3, 3, np.float64),
    ):
        shapes = {"h": (T, B, H), "W_hy": (K, H), "b_y": (K,)}
        args = {name: rng.normal(size=shape).astype(dtype) for name, shape in shapes.items()}
        yield {"dims": {"T": T, "B": B, "H": H, "K": K}, "args": args}
