"""The conditions are turned round: CUDA is chosen where there is none."""


def pick_device():
    if not torch.cuda.is_available():
        return torch.device("cuda")
    if not torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")
