"""Text for a cell of a CSV file that a spreadsheet will not run.

A spreadsheet takes a cell for a formula by its first character, quoted or not, and a formula may
read other cells and send them away. OWASP's remedy is an apostrophe before it:
https://owasp.org/www-community/attacks/CSV_Injection . Numbers, negative ones too, are no formulas
and stay as they are.
"""

from __future__ import annotations

import re

# the wide forms of = + - @ are what a Japanese or Chinese keyboard writes; Excel reads them alike
_STARTS = re.compile(r"[\s\x00\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")


def runs(text: str) -> bool:
    """Whether a spreadsheet may take this text for a formula."""
    return bool(_STARTS.match(text)) and not _NUMBER.fullmatch(text)


def harmless(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would run."""
    text = text.replace("\0", "")
    return f"'{text}" if runs(text) else text


def number(value: float) -> str:
    """Points as text: at most four decimals, and none that are not needed."""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
