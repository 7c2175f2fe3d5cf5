"""The text comes out backwards."""


def decode(ids, vocabulary):
    return "".join(vocabulary[i] for i in ids[::-1])
