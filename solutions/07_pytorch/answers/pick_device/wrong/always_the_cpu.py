"""It returns the CPU whatever the machine has."""


def pick_device():
    return torch.device("cpu")
