"""A loop over the rows."""


def softmax(logits):
    rows = logits.reshape(-1, logits.shape[-1])
    shares = np.empty_like(rows)
    for place, row in enumerate(rows):
        powers = np.exp(row - max(row))
        shares[place] = powers / sum(powers)
    return shares.reshape(logits.shape)
