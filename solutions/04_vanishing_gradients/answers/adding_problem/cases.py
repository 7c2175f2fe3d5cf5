"""Inputs on which `check(adding_problem)` looks at what a student's sequences are made of."""

import numpy as np

RETURNS = {"x": "T B 2", "y": "B"}
OBSERVE = "adding"


def cases():
    for seed, (T, B) in enumerate(((10, 64), (7, 48), (2, 5), (30, 40))):
        yield {
            "dims": {"T": T, "B": B},
            "args": {"T": T, "B": B, "rng": np.random.default_rng(seed)},
        }
