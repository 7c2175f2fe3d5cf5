"""The Gumbel trick: add Gumbel noise to the scaled logits and take the largest."""


def sample(step_logits, start, length, temperature, rng):
    state = None
    for token in start:
        logits, state = step_logits(int(token), state)
    ids = []
    for step in range(length):
        noise = rng.gumbel(size=len(logits))
        token = int(np.argmax(np.asarray(logits) + temperature * noise))
        ids.append(token)
        logits, state = step_logits(ids[-1], state)
    return np.array(ids)
