"""Runs that `check(save_checkpoint)` stops and lets go on."""

RETURNS = {"epoch": ""}
OBSERVE = "resumed"


def cases():
    for seed, stop, epochs in ((1, 2, 5), (2, 3, 6), (3, 1, 4)):
        dims = {"stop": stop, "epochs": epochs}
        yield {"dims": dims, "args": {"seed": seed, "stop": stop, "epochs": epochs}}
