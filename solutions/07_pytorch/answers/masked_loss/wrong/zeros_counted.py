"""The padding is set to zero but still counted: the sum is divided by T·B, not by the number of real steps; see equation 7.4."""


def masked_loss(losses, lengths):
    t = torch.arange(len(losses), device=losses.device)
    real = t[:, None] < lengths
    return torch.where(real, losses, 0).mean()
