"""Characters that are not in the vocabulary are left out, so the ids no longer stand where the characters do. Let them raise an error."""


def encode(text, vocabulary):
    return np.array([vocabulary.index(c) for c in text if c in vocabulary], dtype=np.int64)
