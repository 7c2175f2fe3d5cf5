"""Inputs on which `check(orthogonal)` looks at the columns of a student's matrix."""

import numpy as np

RETURNS = {"W": "H H"}
OBSERVE = "orthogonality"


def cases():
    for seed, (H, gain) in enumerate(((5, 1.0), (4, 0.5), (1, 2.0), (7, 1.3))):
        yield {
            "dims": {"H": H},
            "args": {"H": H, "gain": gain, "rng": np.random.default_rng(seed)},
        }
