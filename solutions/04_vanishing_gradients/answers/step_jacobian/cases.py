"""Inputs on which `check(step_jacobian)` compares a student's function with the solution."""

import numpy as np

RETURNS = {"J": "B H H"}


def cases():
    rng = np.random.default_rng(40)
    for B, H in ((3, 5), (1, 4), (2, 1)):
        yield {
            "dims": {"B": B, "H": H},
            "args": {
                "h_t": np.tanh(rng.normal(size=(B, H))),
                "W_hh": rng.normal(size=(H, H)),
            },
        }
