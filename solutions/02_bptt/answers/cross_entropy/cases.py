"""Inputs on which `check(cross_entropy)` compares a student's function with the solution."""

import numpy as np

RETURNS = {"loss": "", "dlogits": "T B K"}


def cases():
    rng = np.random.default_rng(20)
    for T, B, K in ((4, 3, 5), (1, 1, 2), (2, 1, 1)):
        yield {
            "dims": {"T": T, "B": B, "K": K},
            "args": {
                "logits": 2 * rng.normal(size=(T, B, K)),
                "targets": rng.integers(K, size=(T, B)),
            },
        }
    yield {
        "dims": {"T": 2, "B": 3, "K": 4},
        "args": {
            "logits": rng.normal(size=(2, 3, 4)).astype(np.float32),
            "targets": rng.integers(4, size=(2, 3)),
        },
    }
    far = np.array([[[1e4, -1e4, 0.0]], [[-1e4, 1e4, 1e4]]])
    apart = np.array([[[1e4, 9999.0, 1e4]], [[-1e4, -9998.0, -1e4]]])
    for logits in (far, apart):
        yield {
            "dims": {"T": 2, "B": 1, "K": 3},
            "args": {"logits": logits, "targets": np.array([[1], [2]])},
            "what": "logits of ten thousand",
        }
