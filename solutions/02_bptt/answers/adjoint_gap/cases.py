"""Inputs on which `check(adjoint_gap)` compares a student's function with the solution."""

import numpy as np

from unrolled.behaviours import BEND_AT

RETURNS = {"gap": ""}
# a difference quotient has lost the last digits
TOLERANCE = {"rtol": 1e-6, "atol": 1e-8}


def cases():
    rng = np.random.default_rng(25)
    for forward, backward, M, eps in (
        ("bend", "bend_backward", 2, 1e-5),
        ("bend", "bend_backward", 2, 0.1),
        ("bend", "bend_backward_without_slope", 2, 1e-3),
        ("bend", "bend_backward_without_slope", 2, 0.05),
        ("turn", "turn_backward", 3, 0.2),
    ):
        yield {
            "dims": {"N": 3, "M": M},
            "args": {
                "forward": {"callable": forward},
                "backward": {"callable": backward},
                "x": BEND_AT,
                "v": rng.normal(size=3),
                "u": rng.normal(size=M),
                "eps": eps,
            },
        }
