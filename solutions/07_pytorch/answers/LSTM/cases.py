"""Inputs on which `check(LSTM)` looks at what stacked cells do."""

import numpy as np

RETURNS = {"h": "T B H"}
OBSERVE = "layers"


def cases():
    rng = np.random.default_rng(75)
    for T, B, D, H, layers, dropout, training, given in (
        (6, 3, 4, 5, 1, 0.0, True, True),
        (6, 3, 4, 5, 2, 0.0, True, True),
        (5, 3, 4, 4, 2, 0.0, True, True),
        (4, 2, 3, 5, 3, 0.0, False, False),
        (5, 3, 4, 2, 2, 1.0, True, True),
        (5, 3, 4, 2, 2, 1.0, False, True),
        (2, 3, 4, 5, 1, 1.0, True, True),
    ):
        weights = [
            {
                "W_x": rng.normal(size=(4 * H, D if k == 0 else H)),
                "W_h": rng.normal(size=(4 * H, H)),
                "b": rng.normal(size=4 * H),
            }
            for k in range(layers)
        ]
        states = [tuple(pair) for pair in rng.normal(size=(layers, 2, B, H))]
        args = {
            "weights": weights,
            "dropout": dropout,
            "training": training,
            "x": rng.normal(size=(T, B, D)),
            "states": states if given else None,
            "upstream": rng.normal(size=(T, B, H)),
        }
        dims = {"T": T, "B": B, "D": D, "H": H, "4H": 4 * H, "L": layers}
        yield {"dims": dims, "args": args}
