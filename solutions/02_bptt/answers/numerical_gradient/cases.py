"""Inputs on which `check(numerical_gradient)` compares a student's function with the solution."""

import numpy as np

RETURNS = {"gradient": "N"}
# a difference quotient has lost the last digits
TOLERANCE = {"rtol": 1e-6, "atol": 1e-8}


def cases():
    rng = np.random.default_rng(21)
    for name, shape, eps in (
        ("weighted_tanh", (5,), 1e-3),
        ("weighted_tanh", (2, 3), 0.1),
        ("sum_of_sines", (2, 1, 3), 1e-2),
        ("log_sum_exp", (3, 2), 0.1),
        ("sum_of_squares", (1,), 0.5),
        ("weighted_rows", (3, 2), 0.1),
    ):
        yield {
            "dims": {"N": int(np.prod(shape))},
            "args": {"f": {"callable": name}, "x": 0.7 * rng.normal(size=shape), "eps": eps},
            "what": "an x of several axes" if len(shape) > 1 else "",
        }
