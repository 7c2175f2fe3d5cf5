"""Inputs on which `check(encode)` compares a student's function with the solution."""

RETURNS = {"ids": "N"}


def cases():
    for text, vocabulary in (("abracadabra", "abcdr"), ("b", "ab"), ("no on", " no"), ("", "ab")):
        yield {"dims": {"N": len(text)}, "args": {"text": text, "vocabulary": vocabulary}}
