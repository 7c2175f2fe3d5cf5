"""Small networks on which `check(evaluate)` tries a student's function."""

import numpy as np

RETURNS = {"loss": ""}
OBSERVE = "evaluation"


def cases():
    rng = np.random.default_rng(79)
    for T, B, D, H, K, number, training, stream in (
        (5, 3, 4, 6, 2, 7, True, False),
        (4, 3, 2, 5, 1, 4, False, False),
        (3, 2, 4, 5, 1, 1, True, True),
    ):
        shapes = {"W_x": (H, D), "W_h": (H, H), "W_y": (K, H), "W_e": (K, H)}
        args = {
            "weights": {name: 0.6 * rng.normal(size=shape) for name, shape in shapes.items()},
            "batches": [
                (rng.normal(size=(T, B, D)), rng.normal(size=(B, K))) for _ in range(number)
            ],
            "settings": {"training": training, "stream": stream},
        }
        dims = {"T": T, "B": B, "D": D, "H": H, "K": K, "batches": number}
        yield {"dims": dims, "args": args}
