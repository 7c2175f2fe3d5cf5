"""Inputs on which `check(clip_by_global_norm)` compares a student's function with the solution."""

import numpy as np

RETURNS = {"clipped": "", "norm": ""}


def cases():
    rng = np.random.default_rng(32)
    large = {
        "W": 3 * rng.normal(size=(4, 3)),
        "b": rng.normal(size=3),
        "c": 0.1 * rng.normal(size=2),
    }
    small = {name: 0.01 * g for name, g in large.items()}
    single = {"W": np.array([[3.0, 4.0]])}
    halved = {name: g.astype("f4") for name, g in large.items()}
    for gradients, max_norm, what in (
        (large, 1.0, ""),
        (small, 1.0, "a norm below the limit"),
        (single, 2.5, ""),
        (large, 5.0, ""),
        (halved, 2.0, "float32 gradients"),
    ):
        yield {"dims": {}, "args": {"gradients": gradients, "max_norm": max_norm}, "what": what}
