"""The largest logit of the whole array is subtracted from all predictions, so a prediction far below it underflows. Subtract each prediction's own largest logit: axis=-1, keepdims=True."""


def cross_entropy(logits, targets):
    T, B, K = logits.shape
    shifted = logits - logits.max()
    log_p = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    one_hot = np.eye(K, dtype=logits.dtype)[targets]
    loss = -(one_hot * log_p).sum() / (T * B)
    return loss, (np.exp(log_p) - one_hot) / (T * B)
