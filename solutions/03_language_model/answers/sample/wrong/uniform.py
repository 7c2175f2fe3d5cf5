"""Characters are drawn with equal chances, whatever the network says."""


def sample(step_logits, start, length, temperature, rng):
    state = None
    for token in start:
        logits, state = step_logits(int(token), state)
    ids = []
    for step in range(length):
        token = int(np.argmax(logits)) if temperature == 0 else int(rng.integers(len(logits)))
        ids.append(token)
        logits, state = step_logits(ids[-1], state)
    return np.array(ids)
