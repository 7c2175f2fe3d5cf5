"""The loss has lost its history: no gradient goes back from it."""


def masked_loss(losses, lengths):
    t = torch.arange(len(losses), device=losses.device)
    return losses.detach()[t[:, None] < lengths].mean()
