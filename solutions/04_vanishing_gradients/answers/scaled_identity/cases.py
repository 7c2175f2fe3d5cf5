"""Inputs on which `check(scaled_identity)` compares a student's function with the solution."""

RETURNS = {"W": "H H"}


def cases():
    for H, gain in ((4, 1.0), (3, 0.5), (1, 2.0)):
        yield {"dims": {"H": H}, "args": {"H": H, "gain": gain}}
