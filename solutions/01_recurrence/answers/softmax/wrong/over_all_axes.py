"""All probabilities of the array together add up to 1. Each row, along the last axis, must add up to 1 by itself."""


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum()
