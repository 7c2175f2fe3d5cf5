"""The characters are joined with spaces between them. A space is a character of its own; join with nothing."""


def decode(ids, vocabulary):
    return " ".join(vocabulary[i] for i in ids)
