"""Temperature 0 divides by zero. It means greedy: take the most likely character."""


def sample(step_logits, start, length, temperature, rng):
    state = None
    for token in start:
        logits, state = step_logits(int(token), state)
    ids = []
    for step in range(length):
        z = np.asarray(logits) / temperature
        p = np.exp(z - z.max())
        token = int(rng.choice(len(p), p=p / p.sum()))
        ids.append(token)
        logits, state = step_logits(ids[-1], state)
    return np.array(ids)
