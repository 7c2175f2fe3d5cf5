"""Inputs on which `check(sample)` looks at what a student's function draws.

The model is a small made-up one whose next character depends on the last one and on how many it has
read. Draws are compared by how often each character follows each, so any right way to draw passes.
"""

import numpy as np

RETURNS = {"ids": "length"}
OBSERVE = "sampling"
TOLERANCE = {"rtol": 0.0, "atol": 0.12}


def cases():
    settings = (
        (0.0, 12, [2]),
        (0.0, 9, [1, 0]),
        (1.0, 400, [0, 1]),
        (0.4, 400, [3]),
        (3.0, 400, [1, 2, 2]),
    )
    for seed, (temperature, length, start) in enumerate(settings):
        yield {
            "dims": {"length": length},
            "args": {
                "step_logits": {"callable": "toy_language_model"},
                "start": np.array(start),
                "length": length,
                "temperature": temperature,
                "rng": np.random.default_rng(seed),
                # for looking at the result only
                "exact": temperature == 0,
                "vocabulary_size": 4,
            },
        }
