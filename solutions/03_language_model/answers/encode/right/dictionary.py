"""A dict from character to id, made once."""


def encode(text, vocabulary):
    position = {c: i for i, c in enumerate(vocabulary)}
    ids = np.empty(len(text), dtype=np.int64)
    for n, c in enumerate(text):
        ids[n] = position[c]
    return ids
