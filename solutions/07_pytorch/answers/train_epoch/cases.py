"""Small networks on which `check(train_epoch)` tries a student's training loop."""

import numpy as np

RETURNS = {"loss": ""}
OBSERVE = "epoch"
# whether a small number is added to the norm before dividing by it must not matter
TOLERANCE = {"rtol": 1e-5, "atol": 1e-7}


def cases():
    rng = np.random.default_rng(78)
    for T, B, D, H, K, number, max_norm, training, stream, epochs in (
        (5, 3, 4, 6, 2, 7, 1e6, True, False, 1),
        (4, 3, 2, 5, 1, 3, 0.2, False, False, 1),
        (3, 2, 4, 5, 1, 1, 1e6, False, True, 2),
        (3, 2, 4, 5, 1, 2, 0.1, True, True, 2),
    ):
        shapes = {"W_x": (H, D), "W_h": (H, H), "W_y": (K, H), "W_e": (K, H)}
        args = {
            "weights": {name: 0.6 * rng.normal(size=shape) for name, shape in shapes.items()},
            "batches": [
                (rng.normal(size=(T, B, D)), rng.normal(size=(B, K))) for _ in range(number)
            ],
            "settings": {
                "lr": 0.1,
                "max_norm": max_norm,
                "training": training,
                "stream": stream,
                "epochs": epochs,
            },
        }
        dims = {"T": T, "B": B, "D": D, "H": H, "K": K, "batches": number}
        yield {"dims": dims, "args": args}
