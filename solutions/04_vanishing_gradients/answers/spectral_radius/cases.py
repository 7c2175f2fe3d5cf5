"""Inputs on which `check(spectral_radius)` compares a student's function with the solution."""

import numpy as np

RETURNS = {"radius": ""}


def cases():
    rng = np.random.default_rng(42)
    yield {"dims": {"H": 5}, "args": {"W": rng.normal(size=(5, 5))}}
    # a rotation: no real eigenvalue at all
    yield {"dims": {"H": 2}, "args": {"W": np.array([[0.0, -0.7], [0.7, 0.0]])}}
    # the largest eigenvalue is negative; the matrix is far from normal
    yield {
        "dims": {"H": 3},
        "args": {"W": np.array([[-0.9, 4.0, 0.0], [0.0, 0.5, 3.0], [0.0, 0.0, 0.2]])},
    }
    yield {"dims": {"H": 4}, "args": {"W": np.diag([0.2, -1.5, 0.7, 0.1])}}
    yield {"dims": {"H": 1}, "args": {"W": np.array([[-0.3]])}}
