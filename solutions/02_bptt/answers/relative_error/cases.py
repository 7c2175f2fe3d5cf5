"""Inputs on which `check(relative_error)` compares a student's function with the solution."""

import numpy as np

RETURNS = {"r": ""}


def cases():
    rng = np.random.default_rng(22)
    for shape in ((6,), (2, 3)):
        a, b = rng.normal(size=shape), rng.normal(size=shape)
        yield {"dims": {"N": 6}, "args": {"a": a, "b": b}}
        yield {"dims": {"N": 6}, "args": {"a": 5 * a, "b": b}}
        yield {"dims": {"N": 6}, "args": {"a": a, "b": a + 1e-3 * np.abs(b)}}
    yield {"dims": {"N": 3}, "args": {"a": np.zeros(3), "b": np.zeros(3)}}
    yield {
        "dims": {"N": 3},
        "args": {"a": np.array([0.0, 0.0, 1e-9]), "b": np.array([0.0, 0.0, 2e-9])},
    }
