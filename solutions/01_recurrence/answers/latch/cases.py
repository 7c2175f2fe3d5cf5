"""Pulse trains on which `check(latch)` looks at what a student's unit does."""

import numpy as np

RETURNS = {"W_xh": "H D", "W_hh": "H H", "b_h": "H"}
OBSERVE = "latch"


def cases():
    # No pulse, one at once, one after a wait. More pulses would tell nothing more: what keeps a unit
    # on after one makes W_xh and W_hh positive, and then a further pulse can only raise the state.
    trains = np.zeros((200, 3))
    trains[0, 1] = 1
    trains[120, 2] = 1
    yield {"dims": {"T": 200, "B": 3}, "args": {"pulses": trains}}
    # A pulse far too strong: it shows the sign of W_xh, and switches every right unit on.
    yield {"dims": {"T": 1, "B": 1}, "args": {"pulses": np.full((1, 1), 1000.0)}}
