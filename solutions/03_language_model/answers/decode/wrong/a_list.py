"""This is a list of characters. A text is one string: join them."""


def decode(ids, vocabulary):
    return [vocabulary[i] for i in ids]
