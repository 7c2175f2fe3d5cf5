"""Inputs on which `check(decode)` compares a student's function with the solution."""

import numpy as np

RETURNS = {"text": ""}


def cases():
    for ids, vocabulary in (
        ([0, 1, 4, 0, 2], "abcdr"),
        ([1], "ab"),
        ([], "ab"),
        ([2, 1, 0, 1, 2], " no"),
    ):
        yield {"dims": {}, "args": {"ids": np.array(ids, dtype=np.int64), "vocabulary": vocabulary}}
