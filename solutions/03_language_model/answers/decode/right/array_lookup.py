"""The vocabulary as an array, indexed by all ids at once."""


def decode(ids, vocabulary):
    return "".join(np.array(list(vocabulary))[ids].tolist())
