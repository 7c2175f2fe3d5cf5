"""Inputs on which `check(adjoint_gap)` compares a student's function with the solution."""

import numpy as np

from unrolled.behaviours import BEND_AT

RETURNS = {"gap": ""}
# a difference quotient has lost the last digits
TOLERANCE = {"rtol": 1e-6, "atol": 1e-8}


def cases():
    rng = np.random.default_rng(25)
    for backward, eps in (
        ("bend_backward", 1e-5),
        ("bend_backward", 0.1),
        ("bend_backward_without_slope", 1e-3),
        ("bend_backward_without_slope", 0.05),
    ):
        yield {
            "dims": {"N": 3, "M": 2},
            "args": {
                "forward": {"callable": "bend"},
                "backward": {"callable": backward},
                "x": BEND_AT,
                "v": rng.normal(size=3),
                "u": rng.normal(size=2),
                "eps": eps,
            },
        }
