"""Pulse trains on which `check(latch)` looks at what a student's unit does."""

import numpy as np

RETURNS = {"W_xh": "H D", "W_hh": "H H", "b_h": "H"}
OBSERVE = "latch"


def cases():
    trains = np.zeros((12, 5))
    trains[0, 1] = 1  # a pulse at once
    trains[7, 2] = 1  # one after a wait
    trains[[3, 4, 8], 3] = 1  # several
    trains[:, 4] = 1  # nothing but pulses
    yield {"dims": {"T": 12, "B": 5}, "args": {"pulses": trains}}
    long = np.zeros((200, 3))
    long[0, 1] = 1
    long[120, 2] = 1
    yield {"dims": {"T": 200, "B": 3}, "args": {"pulses": long}}
