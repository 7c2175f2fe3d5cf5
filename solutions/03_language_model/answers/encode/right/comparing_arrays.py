"""Every character of the text against every character of the vocabulary."""


def encode(text, vocabulary):
    if not text:
        return np.empty(0, dtype=np.int64)
    equal = np.array(list(text))[:, None] == np.array(list(vocabulary))
    if not equal.any(axis=1).all():
        raise ValueError("a character is not in the vocabulary")
    return equal.argmax(axis=1)
