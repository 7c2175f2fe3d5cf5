"""Inputs on which `check(masked_loss)` compares a student's function with the solution."""

import numpy as np

RETURNS = {"loss": ""}
OBSERVE = "masked_loss"


def cases():
    rng = np.random.default_rng(76)
    for lengths, padding in (
        ([3, 7, 5, 1], None),
        ([4, 4, 4], None),
        ([1], None),
        ([2, 6, 3], 0.0),
        ([5, 2], np.nan),
    ):
        T, B = max(lengths), len(lengths)
        losses = rng.uniform(1, 3, size=(T, B))
        if padding is not None:
            losses[np.arange(T)[:, None] >= lengths] = padding
        yield {"dims": {"T": T, "B": B}, "args": {"losses": losses, "lengths": np.array(lengths)}}
