"""This is in bits: it uses the logarithm to base 2. Equation 2.2 takes the natural logarithm; the gradient 2.3 belongs to that one."""


def cross_entropy(logits, targets):
    T, B, K = logits.shape
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    one_hot = np.eye(K, dtype=logits.dtype)[targets]
    return -(one_hot * log_p).sum() / np.log(2) / (T * B), (np.exp(log_p) - one_hot) / (T * B)
