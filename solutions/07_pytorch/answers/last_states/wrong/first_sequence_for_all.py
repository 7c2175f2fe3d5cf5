"""Every row of the result comes from the first sequence. Pair each time with its own sequence."""


def last_states(h, lengths):
    return h[lengths - 1, 0]
