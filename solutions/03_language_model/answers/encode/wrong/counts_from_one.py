"""The ids start at 1. An id is a position in the vocabulary, and positions start at 0."""


def encode(text, vocabulary):
    return np.array([vocabulary.index(c) + 1 for c in text], dtype=np.int64)
