"""These are shares of the logits themselves; equation 1.7 has the powers of e."""


def softmax(logits):
    return logits / logits.sum(axis=-1, keepdims=True)
