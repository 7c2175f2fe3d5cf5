"""PyTorch has no device of the name gpu: NVIDIA's is called cuda, Apple's mps."""


def pick_device():
    if torch.cuda.is_available() or torch.backends.mps.is_available():
        return torch.device("gpu")
    return torch.device("cpu")
