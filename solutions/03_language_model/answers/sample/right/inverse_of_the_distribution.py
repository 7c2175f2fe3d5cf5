"""Draws by the inverse of the cumulative distribution."""


def sample(step_logits, start, length, temperature, rng):
    state = None
    for token in start:
        logits, state = step_logits(int(token), state)
    ids = []
    for step in range(length):
        if temperature > 0:
            p = np.exp((logits - np.max(logits)) / temperature)
            total = np.cumsum(p)
            token = int(np.searchsorted(total, rng.random() * total[-1], side="right"))
        else:
            token = max(range(len(logits)), key=lambda i: logits[i])
        ids.append(token)
        logits, state = step_logits(ids[-1], state)
    return np.array(ids)
