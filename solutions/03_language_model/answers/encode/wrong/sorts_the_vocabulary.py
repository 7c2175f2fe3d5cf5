"""The vocabulary is sorted first. An id is the position in the vocabulary as it is given; `decode` and every later text use that order."""


def encode(text, vocabulary):
    vocabulary = sorted(vocabulary)
    return np.array([vocabulary.index(c) for c in text], dtype=np.int64)
