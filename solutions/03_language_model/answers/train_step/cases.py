"""Inputs on which `check(train_step)` compares a student's function with the solution."""

import numpy as np

RETURNS = {"loss": "", "norm": "", "h_last": "B H", "parameters": "", "adam": ""}


def cases():
    rng = np.random.default_rng(35)
    for T, B, V, H, max_norm, scale, lr in (
        (5, 3, 6, 4, 0.1, 1.0, 0.01),
        (2, 1, 3, 2, 100.0, 0.5, 0.04),
    ):

        def draw(*shape, scale=scale):
            return scale * rng.normal(size=shape)

        parameters = {
            "W_xh": draw(H, V),
            "W_hh": draw(H, H),
            "b_h": draw(H),
            "W_hy": draw(V, H),
            "b_y": draw(V),
        }
        adam = {
            "step": 3,
            "m": {name: 0.02 * rng.normal(size=p.shape) for name, p in parameters.items()},
            "v": {name: rng.uniform(1e-4, 1e-2, size=p.shape) for name, p in parameters.items()},
        }
        for state in (None, adam):
            yield {
                "dims": {"T": T, "B": B, "V": V, "H": H},
                "args": {
                    "parameters": parameters,
                    "adam": state,
                    "h": np.tanh(rng.normal(size=(B, H))),
                    "inputs": rng.integers(0, V, size=(T, B)),
                    "targets": rng.integers(0, V, size=(T, B)),
                    "lr": lr,
                    "max_norm": max_norm,
                },
            }
