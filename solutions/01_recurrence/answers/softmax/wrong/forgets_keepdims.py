"""The sums have one axis less than the powers and are lined up with the wrong one. They must keep an axis of length 1."""


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1)
