"""Inputs on which `check(encode)` compares a student's function with the solution."""

RETURNS = {"ids": "N"}
OBSERVE = "encoding"


def cases():
    for text, vocabulary, what in (
        ("abracadabra", "abcdr", ""),
        ("b", "ab", ""),
        ("no on", " no", ""),
        ("", "ab", "an empty text"),
        ("cabbed", "debca", "a vocabulary in no order"),
        ("abXa", "ab", "a character that is not in the vocabulary"),
        ("X", "ab", "a character that is not in the vocabulary"),
    ):
        args = {"text": text, "vocabulary": vocabulary}
        yield {"dims": {"N": len(text)}, "args": args, "what": what}
