"""Machines on which `check(pick_device)` looks at what a student's function chooses."""

RETURNS = {"device": ""}
OBSERVE = "chosen_device"


def cases():
    for cuda, mps in ((True, False), (False, True), (False, False), (True, True)):
        dims = {"GPUs": cuda + mps}
        yield {"dims": dims, "args": {"cuda": cuda, "mps": mps}}
