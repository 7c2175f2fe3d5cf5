"""The characters are drawn from another generator than `rng`, so the same start gives another text each time and nobody can repeat it. Draw from the `rng` that you are given."""


def sample(step_logits, start, length, temperature, rng):
    rng = np.random.default_rng()
    state = None
    for token in start:
        logits, state = step_logits(int(token), state)
    ids = []
    for step in range(length):
        if temperature == 0:
            token = int(np.argmax(logits))
        else:
            p = np.exp((logits - logits.max()) / temperature)
            token = int(rng.choice(len(p), p=p / p.sum()))
        ids.append(token)
        logits, state = step_logits(token, state)
    return np.array(ids)
