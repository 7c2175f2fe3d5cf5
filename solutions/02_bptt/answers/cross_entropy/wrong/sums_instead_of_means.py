"""This adds up the losses of all predictions. Equation 2.1 takes their mean: divide the loss and its gradient by T * B."""


def cross_entropy(logits, targets):
    T, B, K = logits.shape
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    one_hot = np.eye(K, dtype=logits.dtype)[targets]
    return -(one_hot * log_p).sum(), np.exp(log_p) - one_hot
