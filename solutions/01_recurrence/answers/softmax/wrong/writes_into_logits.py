"""The probabilities are right, but the logits are overwritten on the way (an in-place operation), and whoever called still needs them."""


def softmax(logits):
    logits -= logits.max(axis=-1, keepdims=True)
    powers = np.exp(logits)
    return powers / powers.sum(axis=-1, keepdims=True)
