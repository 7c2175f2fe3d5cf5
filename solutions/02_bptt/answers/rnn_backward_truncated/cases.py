"""Inputs on which `check(rnn_backward_truncated)` compares a student's function with the solution."""

import numpy as np

RETURNS = {"dx": "T B D", "dh0": "B H", "dW_xh": "H D", "dW_hh": "H H", "db_h": "H"}


def run(x, h0, W_xh, W_hh):
    states = [h0]
    for x_t in x:
        states.append(np.tanh(x_t @ W_xh.T + states[-1] @ W_hh.T))
    return np.array(states[1:])


def cases():
    rng = np.random.default_rng(27)
    for T, B, D, H, k, dtype in (
        (6, 3, 4, 5, 2, float),
        (6, 3, 4, 5, 0, float),
        (5, 2, 3, 4, 4, float),
        (5, 2, 3, 4, 5, float),
        (3, 1, 1, 1, 9, float),
        (1, 2, 3, 4, 0, float),
        (3, 4, 2, 5, 1, "f4"),
    ):
        x, h0 = rng.normal(size=(T, B, D)), rng.normal(size=(B, H))
        W_xh, W_hh = 0.5 * rng.normal(size=(H, D)), 0.5 * rng.normal(size=(H, H))
        h = run(x, h0, W_xh, W_hh)
        arrays = {
            "dh": rng.normal(size=h.shape),
            "x": x,
            "h0": h0,
            "h": h,
            "W_xh": W_xh,
            "W_hh": W_hh,
        }
        args = {name: value.astype(dtype) for name, value in arrays.items()}
        yield {"dims": {"T": T, "B": B, "D": D, "H": H}, "args": args | {"k": k}}
