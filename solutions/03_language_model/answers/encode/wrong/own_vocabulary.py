"""This makes a vocabulary of its own from the text. Two texts then get different ids for one letter; use the vocabulary that is given."""


def encode(text, vocabulary):
    own = sorted(set(text), reverse=True)
    return np.array([own.index(c) for c in text], dtype=np.int64)
