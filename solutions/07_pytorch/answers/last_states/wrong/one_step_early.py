"""It takes the state one step before the last real one."""


def last_states(h, lengths):
    return h[(lengths - 2).clamp(min=0), torch.arange(len(lengths))]
