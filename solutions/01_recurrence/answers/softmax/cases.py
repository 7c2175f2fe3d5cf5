"""Inputs on which `check(softmax)` compares a student's function with the solution."""

import numpy as np

RETURNS = {"p": "T B K"}


def cases():
    rng = np.random.default_rng(15)
    for T, B, K in ((4, 3, 5), (1, 1, 1), (3, 3, 3)):
        yield {"dims": {"T": T, "B": B, "K": K}, "args": {"logits": rng.normal(size=(T, B, K))}}
    # rows near 10,000, near -10,000 and near 0, and gaps of up to 20,000 within a row
    logits = rng.normal(size=(2, 3, 4))
    logits[0] += np.array([[1e4], [-1e4], [0]])
    logits[1] = [[1e4, -1e4, 0, 1e4], [-1e4, -1e4, -1e4, -1e4], [0, -60, -20, -40]]
    yield {"dims": {"T": 2, "B": 3, "K": 4}, "args": {"logits": logits}}
    single = rng.normal(size=(2, 4, 3)).astype(np.float32)
    yield {"dims": {"T": 2, "B": 4, "K": 3}, "args": {"logits": single}}
