"""Text from outside as a person may read it: nothing in it hides, reorders or controls a terminal."""

from __future__ import annotations

import re

# terminal codes; controls but tab and line end; marks, overrides and isolates of writing direction;
# line and paragraph separators; the byte order mark; tag characters
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_HIDDEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f"
)
_UNREADABLE = re.compile(f"[{_HIDDEN}]")
_DECEIVING = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]"
)


def encodable(text: str) -> str:
    """The text with what cannot be written as UTF-8 (half a surrogate pair) replaced."""
    return text.encode("utf-8", "replace").decode("utf-8")


def readable(text: str) -> str:
    """The text without terminal codes and characters that are not seen but act."""
    return _UNREADABLE.sub("", _ANSI.sub("", _lines(encodable(text))))


def marked(text: str) -> str:
    """The text with such characters made visible: for code, where leaving them out would deceive."""
    return _UNREADABLE.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", _lines(encodable(text)))


def _lines(text: str) -> str:
    """Every line end as one; a lone carriage return would have a terminal write over the line."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def line(text: str, limit: int = 500) -> str:
    """The text on one line of at most ``limit`` characters, for sentences, tables and terminals."""
    text = " ".join(readable(text[: 4 * limit]).split())
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def deceives(text: str) -> bool:
    """Whether some characters of the text are shown in another order than they stand, or not at all."""
    return _DECEIVING.search(text) is not None
