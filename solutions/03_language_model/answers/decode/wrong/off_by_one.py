"""The position is off by one: id 0 is the first character of the vocabulary."""


def decode(ids, vocabulary):
    return "".join(vocabulary[i - 1] for i in ids)
