"""Character by character."""


def decode(ids, vocabulary):
    text = ""
    for i in ids:
        text += vocabulary[int(i)]
    return text
