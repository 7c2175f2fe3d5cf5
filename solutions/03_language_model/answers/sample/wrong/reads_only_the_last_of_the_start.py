"""Of the start only the last character is read. The network must read all of it, one by one, before it writes."""


def sample(step_logits, start, length, temperature, rng):
    logits, state = step_logits(int(start[-1]), None)
    ids = []
    for step in range(length):
        if temperature == 0:
            token = int(np.argmax(logits))
        else:
            z = logits / temperature
            p = np.exp(z - z.max())
            token = int(rng.choice(len(p), p=p / p.sum()))
        ids.append(token)
        logits, state = step_logits(ids[-1], state)
    return np.array(ids)
