"""Inputs on which `check(sigmoid)` compares a student's function with the solution."""

import numpy as np

RETURNS = {"s": "B H"}
OBSERVE = "sigmoid"


def cases():
    rng = np.random.default_rng(51)
    yield {"dims": {"B": 3, "H": 5}, "args": {"a": 3 * rng.normal(size=(3, 5))}}
    far = np.array([[0.0, 40.0, -40.0], [800.0, -800.0, 1e4]])
    yield {"dims": {"B": 2, "H": 3}, "args": {"a": far}, "what": "numbers up to 10,000"}
    single = np.array([[-90.0, 2.0]], dtype=np.float32)
    yield {"dims": {"B": 1, "H": 2}, "args": {"a": single}, "what": "-90 in float32"}
