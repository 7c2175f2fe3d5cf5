"""Inputs on which `check(loss_and_gradients)` compares a student's function with the solution."""

import numpy as np

RETURNS = {"loss": "", "gradients": "", "h_last": "B H"}


def cases():
    rng = np.random.default_rng(34)
    for T, B, V, H, dtype in (
        (6, 3, 5, 4, float),
        (1, 2, 3, 5, float),
        (4, 1, 2, 3, float),
        (3, 4, 2, 5, "f4"),
    ):
        parameters = {
            "W_xh": rng.normal(size=(H, V)),
            "W_hh": rng.normal(size=(H, H)) / np.sqrt(H),
            "b_h": rng.normal(size=H),
            "W_hy": rng.normal(size=(V, H)),
            "b_y": rng.normal(size=V),
        }
        yield {
            "dims": {"T": T, "B": B, "V": V, "H": H},
            "args": {
                "parameters": {name: p.astype(dtype) for name, p in parameters.items()},
                "inputs": rng.integers(0, V, size=(T, B)),
                "targets": rng.integers(0, V, size=(T, B)),
                "h0": np.tanh(rng.normal(size=(B, H))).astype(dtype),
            },
        }
