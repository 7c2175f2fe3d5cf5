"""Every step starts from a fresh state, so the network knows only the last character: hand it the state it returned."""


def sample(step_logits, start, length, temperature, rng):
    for token in start:
        logits, state = step_logits(int(token), None)
    ids = []
    for step in range(length):
        if temperature == 0:
            token = int(np.argmax(logits))
        else:
            z = logits / temperature
            p = np.exp(z - z.max())
            token = int(rng.choice(len(p), p=p / p.sum()))
        ids.append(token)
        logits, state = step_logits(ids[-1], None)
    return np.array(ids)
