"""PyTorch's own newer question for whatever accelerator there is."""


def pick_device():
    if torch.accelerator.is_available():
        return torch.accelerator.current_accelerator()
    return torch.device("cpu")
