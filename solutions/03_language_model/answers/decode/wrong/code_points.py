"""The ids are taken for code points. An id is a position in the vocabulary."""


def decode(ids, vocabulary):
    return "".join(chr(i) for i in ids)
