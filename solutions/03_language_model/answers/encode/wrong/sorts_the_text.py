"""The characters come out sorted: an id for each position of the text is needed, in the order of the text."""


def encode(text, vocabulary):
    return np.array(sorted(vocabulary.index(c) for c in text), dtype=np.int64)
