"""These are probabilities. The read-out of equation 1.6 returns the logits; the softmax comes after it."""


def readout(h, W_hy, b_y):
    powers = np.exp(h @ W_hy.T + b_y)
    return powers / powers.sum(axis=-1, keepdims=True)
