"""Outputs of cells, rebuilt by an allow-list of kinds and types into sound nbformat outputs.

Used twice: on what a student's process sends, and before anything is kept or shown (``showing``),
which then has to look at contents only.
"""

from __future__ import annotations

import re
from typing import Any

from autograder.grading.readable import encodable

MIME_KINDS = ("image/png", "image/jpeg", "text/plain", "text/html")
"""What a cell may show. Nothing that a browser runs is among it, SVG, LaTeX and widgets neither."""

MAX_COUNT = 2**31 - 1
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
_MAX_OUTPUTS = 5000
_MAX_LINES = 200


def clean_text(text: str) -> str:
    """The text with what cannot be written as UTF-8 replaced."""
    return encodable(text)


def clean_count(count: Any) -> int | None:
    """An execution count that every reader accepts, or None."""
    return count if type(count) is int and 0 <= count <= MAX_COUNT else None


def clean_outputs(sent: list, limit: int) -> tuple[list[dict[str, Any]], int]:
    """The outputs that are sound, and how many were left out: of unknown form or too large.

    limit: bytes of all of them together.
    """
    kept: list[dict[str, Any]] = []
    for output in sent[:_MAX_OUTPUTS]:
        clean = clean_output(output)
        if clean is not None and (size := _size(clean)) <= limit:
            limit -= size
            kept.append(clean)
    return kept, len(sent) - len(kept)


def clean_output(output: Any) -> dict[str, Any] | None:
    """One output made anew of the parts that belong to its kind; None where one is not sound."""
    if not isinstance(output, dict):
        return None
    kind = output.get("output_type")
    if kind == "stream":
        name, text = output.get("name"), _joined(output.get("text"))
        if name in ("stdout", "stderr") and text is not None:
            return {"output_type": "stream", "name": name, "text": text}
    elif kind == "error":
        name, value = (_joined(output.get(part)) for part in ("ename", "evalue"))
        lines = output.get("traceback")
        if name is not None and value is not None and isinstance(lines, list):
            trace = [_joined(text) or "" for text in lines[:_MAX_LINES]]
            return {"output_type": "error", "ename": name, "evalue": value, "traceback": trace}
    elif kind in ("display_data", "execute_result"):
        data = _clean_data(output.get("data"))
        if data:
            clean = {"output_type": kind, "data": data, "metadata": {}}
            if kind == "execute_result":
                clean["execution_count"] = clean_count(output.get("execution_count"))
            return clean
    return None


def _clean_data(data: Any) -> dict[str, str]:
    if not isinstance(data, dict):
        return {}
    clean: dict[str, str] = {}
    for mime in MIME_KINDS:
        text = _joined(data.get(mime))
        if text is not None and (mime.startswith("text/") or _BASE64.fullmatch(text)):
            clean[mime] = text
    return clean


def _joined(text: Any) -> str | None:
    """A text, also in the lines in which files keep it; None for anything else."""
    if isinstance(text, list) and all(isinstance(part, str) for part in text):
        text = "".join(text)
    return clean_text(text) if isinstance(text, str) else None


def _size(value: Any) -> int:
    if isinstance(value, str):
        return len(value.encode("utf-8"))
    if isinstance(value, dict):
        return sum(len(key) + _size(part) for key, part in value.items())
    if isinstance(value, list):
        return sum(_size(part) + 1 for part in value)
    return 8
