"""Where there are both CUDA and MPS it chooses MPS; CUDA comes first."""


def pick_device():
    if torch.backends.mps.is_available():
        return torch.device("mps")
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("cpu")
