"""Inputs on which `check(adam_step)` compares a student's function with the solution."""

import numpy as np

RETURNS = {"parameters": "", "state": ""}


def cases():
    rng = np.random.default_rng(33)

    def draw(scale=1.0):
        return {"W": scale * rng.normal(size=(3, 2)), "b": scale * rng.normal(size=3)}

    hyper = {"lr": 0.1, "beta1": 0.8, "beta2": 0.95, "eps": 1e-3}
    later = {"step": 4, "m": draw(0.3), "v": {name: g**2 for name, g in draw(0.4).items()}}
    yield {"dims": {}, "args": {"parameters": draw(), "gradients": draw(), "state": None, **hyper}}
    yield {"dims": {}, "args": {"parameters": draw(), "gradients": draw(), "state": later, **hyper}}
    small = [{name: p.astype("f4") for name, p in draw().items()} for repeat in range(2)]
    yield {
        "dims": {},
        "args": {"parameters": small[0], "gradients": small[1], "state": None, **hyper},
        "what": "float32 parameters",
    }
    tiny = {"W": np.full((1, 1), 1e-4)}
    yield {
        "dims": {},
        "args": {"parameters": {"W": np.ones((1, 1))}, "gradients": tiny, "state": None, **hyper},
    }
