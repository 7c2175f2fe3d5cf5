"""A copy with zeros."""


def masked_loss(losses, lengths):
    t = torch.arange(len(losses), device=losses.device)
    padding = t[:, None] >= lengths
    return losses.masked_fill(padding, 0).sum() / (~padding).sum()
