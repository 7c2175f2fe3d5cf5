"""Each sequence's mean is taken first, then their mean, so a step of a short sequence counts more than one of a long one; see equation 7.4."""


def masked_loss(losses, lengths):
    t = torch.arange(len(losses), device=losses.device)
    real = t[:, None] < lengths
    return (torch.where(real, losses, 0).sum(0) / lengths).mean()
