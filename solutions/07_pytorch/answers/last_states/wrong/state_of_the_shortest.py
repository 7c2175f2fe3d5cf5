"""Every sequence gives its state after as many steps as the shortest has; see equation 7.4."""


def last_states(h, lengths):
    return h[lengths.min() - 1]
