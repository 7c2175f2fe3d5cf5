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
    zeros, some = np.zeros(3), np.array([0.5, -2.0, 1.0])
    yield {"dims": {"N": 3}, "args": {"a": zeros, "b": zeros}, "what": "two arrays of zeros"}
    for a, b in ((zeros, some), (some, zeros)):
        yield {"dims": {"N": 3}, "args": {"a": a, "b": b}, "what": "one array of zeros"}
    yield {
        "dims": {"N": 3},
        "args": {"a": np.array([0.0, 0.0, 1e-9]), "b": np.array([0.0, 0.0, 2e-9])},
    }
