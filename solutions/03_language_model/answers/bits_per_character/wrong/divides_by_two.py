"""This divides by 2, not by ln 2, equation 3.3."""


def bits_per_character(loss):
    return loss / 2
