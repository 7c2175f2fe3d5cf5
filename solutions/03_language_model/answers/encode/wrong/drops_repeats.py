"""A character that was seen already is left out. Every position of the text gets an id."""


def encode(text, vocabulary):
    return np.array([vocabulary.index(c) for c in dict.fromkeys(text)], dtype=np.int64)
