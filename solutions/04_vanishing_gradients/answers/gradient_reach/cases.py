"""Inputs on which `check(gradient_reach)` compares a student's function with the solution."""

import numpy as np

RETURNS = {"reach": "T"}


def cases():
    rng = np.random.default_rng(41)
    for T, B, H in ((6, 3, 4), (1, 2, 3), (5, 1, 1), (2, 3, 5)):
        yield {
            "dims": {"T": T},
            "args": {
                "h": np.tanh(rng.normal(size=(T, B, H))),
                "W_hh": rng.normal(size=(H, H)) / np.sqrt(H),
            },
        }
