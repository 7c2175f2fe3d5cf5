"""Inputs on which `check(init_lstm)` looks at what the weights are like."""

import numpy as np

RETURNS = {"W_x": "4H D", "W_h": "4H H", "b": "4H"}
OBSERVE = "lstm_start"
# what is compared are means over about a thousand drawn numbers
TOLERANCE = {"rtol": 0.0, "atol": 0.15}


def cases():
    for seed, (D, H, more) in enumerate(((200, 6, ()), (400, 3, (0.0,)), (150, 7, (3.0,)))):
        args = {"D": D, "H": H, "rng": np.random.default_rng(seed)}
        if more:
            args["forget_bias"] = more[0]
        yield {"dims": {"D": D, "H": H, "4H": 4 * H, "4": 4, "3": 3}, "args": args}
