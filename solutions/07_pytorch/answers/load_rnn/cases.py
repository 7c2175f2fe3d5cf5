"""Inputs on which `check(load_rnn)` looks at what a loaded layer does."""

import numpy as np

RETURNS = {"h": "T B H"}
OBSERVE = "loaded_rnn"


def cases():
    rng = np.random.default_rng(71)
    for T, B, D, H, dtype in (
        (6, 3, 4, 5, "f8"),
        (4, 3, 2, 2, "f8"),
        (1, 1, 1, 1, "f8"),
        (5, 2, 4, 3, "f4"),
    ):
        shapes = ((H, D), (H, H), (H,))
        weights = tuple(rng.normal(size=shape).astype(dtype) for shape in shapes)
        args = {
            "weights": weights,
            "x": rng.normal(size=(T, B, D)).astype(dtype),
            "state": (rng.normal(size=(B, H)).astype(dtype),),
            "upstream": rng.normal(size=(T, B, H)).astype(dtype),
        }
        yield {"dims": {"T": T, "B": B, "D": D, "H": H}, "args": args}
