"""Inputs on which `check(find_slips)` compares a student's function with the solution."""

import numpy as np

RETURNS = {"h": "T B H", "slip": "T B H"}


def run(x, h, W_xh, W_hh, b_h):
    states = []
    for x_t in x:
        h = np.tanh(x_t @ W_xh.T + h @ W_hh.T + b_h)
        states.append(h)
    return np.reshape(states, (len(x), *h.shape))


def cases():
    rng = np.random.default_rng(13)
    for T, B, D, H, at in ((6, 3, 2, 4, 2), (1, 1, 1, 1, 0), (4, 2, 3, 5, 0), (5, 1, 2, 3, 3)):
        x, h0 = rng.normal(size=(T, B, D)), rng.normal(size=(B, H))
        weights = rng.normal(size=(H, D)), rng.normal(size=(H, H)), rng.normal(size=H)
        claimed = run(x, h0, *weights)
        # one slip, down and clear, from which the rest is honestly computed
        claimed[at, 0, 0] -= 0.4
        claimed[at + 1 :] = run(x[at + 1 :], claimed[at], *weights)
        names = ("claimed", "x", "h0", "W_xh", "W_hh", "b_h")
        args = dict(zip(names, (claimed.round(3), x, h0, *weights), strict=True))
        yield {"dims": {"T": T, "B": B, "D": D, "H": H}, "args": args}
