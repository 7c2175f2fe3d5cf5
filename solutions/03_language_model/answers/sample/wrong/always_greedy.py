"""The most likely character is always taken. That is temperature 0; otherwise draw from the probabilities, equation 3.11."""


def sample(step_logits, start, length, temperature, rng):
    state = None
    for token in start:
        logits, state = step_logits(int(token), state)
    ids = []
    for step in range(length):
        token = int(np.argmax(logits))
        ids.append(token)
        logits, state = step_logits(ids[-1], state)
    return np.array(ids)
