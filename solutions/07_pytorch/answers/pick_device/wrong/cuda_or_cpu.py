"""An Apple computer's GPU, MPS, is never chosen."""


def pick_device():
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
