"""The log of the sum of powers first, then one exponential."""


def softmax(logits):
    top = np.max(logits, axis=-1, keepdims=True)
    total = np.log(np.sum(np.exp(logits - top), axis=-1, keepdims=True))
    return np.exp(logits - top - total)
