"""These are the code points of the characters. An id is the position in the vocabulary given."""


def encode(text, vocabulary):
    return np.array([ord(c) for c in text], dtype=np.int64)
