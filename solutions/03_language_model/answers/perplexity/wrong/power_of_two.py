"""This is 2 to the loss. The loss is in nats, so the base is e, equation 3.4."""


def perplexity(loss):
    return 2.0**loss
