"""Inputs on which `check(leaky_integrator)` compares a student's function with the solution."""

import numpy as np

RETURNS = {"h": "T"}


def cases():
    rng = np.random.default_rng(0)
    for T, alpha in ((6, 0.3), (1, 0.6), (4, 0.05), (5, 1.0)):
        yield {"dims": {"T": T}, "args": {"x": rng.normal(size=T), "alpha": alpha}}
    x = rng.normal(size=7).astype(np.float32)
    yield {"dims": {"T": 7}, "args": {"x": x, "alpha": 0.2}}
