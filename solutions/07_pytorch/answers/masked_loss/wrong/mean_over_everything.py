"""The padding counts as if it were real; see equation 7.4."""


def masked_loss(losses, lengths):
    return losses.mean()
