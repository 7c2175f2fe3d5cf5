"""Outputs that a student's process sent, rebuilt by an allow-list into sound nbformat outputs."""

from __future__ import annotations

import re
from typing import Any

MIME_KINDS = frozenset(
    [
        "text/plain",
        "text/html",
        "text/markdown",
        "text/latex",
        "image/png",
        "image/jpeg",
        "image/svg+xml",
        "application/json",
        "application/vnd.jupyter.widget-view+json",
    ]
)
"""What a cell may show. Scripts are not among it."""

_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
_MAX_OUTPUTS = 5000
_MAX_LINES = 200


def clean_text(text: str) -> str:
    """The text with what cannot be written as UTF-8 replaced."""
    return text.encode("utf-8", "replace").decode("utf-8")


def clean_outputs(sent: list, limit: int) -> tuple[list[dict[str, Any]], int]:
    """The outputs that are sound, and how many were left out: of unknown form or too large.

    limit: bytes of all of them together.
    """
    kept: list[dict[str, Any]] = []
    for output in sent[:_MAX_OUTPUTS]:
        clean = _clean(output) if type(output) is dict else None
        if clean is not None and (size := _size(clean)) <= limit:
            limit -= size
            kept.append(clean)
    return kept, len(sent) - len(kept)


def _clean(output: dict) -> dict[str, Any] | None:
    kind = output.get("output_type")
    if kind == "stream":
        name, text = output.get("name"), output.get("text")
        if name in ("stdout", "stderr") and type(name) is str and type(text) is str:
            return {"output_type": "stream", "name": name, "text": clean_text(text)}
    elif kind == "error":
        lines = output.get("traceback")
        texts = output.get("ename"), output.get("evalue")
        if type(lines) is list and all(type(text) is str for text in (*texts, *lines)):
            return {
                "output_type": "error",
                "ename": clean_text(texts[0]),
                "evalue": clean_text(texts[1]),
                "traceback": [clean_text(line) for line in lines[:_MAX_LINES]],
            }
    elif kind in ("display_data", "execute_result") and type(output.get("data")) is dict:
        data = _clean_data(output["data"])
        if not data:
            return None
        clean = {"output_type": kind, "data": data, "metadata": _clean_metadata(output)}
        if kind == "execute_result":
            count = output.get("execution_count")
            clean["execution_count"] = count if type(count) is int else None
        return clean
    return None


def _clean_data(data: dict) -> dict[str, Any]:
    clean: dict[str, Any] = {}
    for mime, value in data.items():
        if mime not in MIME_KINDS:
            continue
        if mime.endswith("json"):
            if (value := _json(value, 0)) is not None:
                clean[mime] = value
        elif type(value) is str:
            if mime in ("image/png", "image/jpeg") and not _BASE64.fullmatch(value):
                continue
            clean[mime] = clean_text(value)
    return clean


def _json(value: Any, depth: int) -> Any:
    if type(value) is str:
        return clean_text(value)
    if value is None or type(value) in (bool, int, float):
        return value
    if depth > 20:
        return None
    if type(value) is list:
        return [_json(item, depth + 1) for item in value]
    if type(value) is dict:
        return {clean_text(k): _json(v, depth + 1) for k, v in value.items() if type(k) is str}
    return None


def _clean_metadata(output: dict) -> dict[str, Any]:
    """The sizes of pictures."""
    metadata = output.get("metadata")
    clean: dict[str, Any] = {}
    for mime in ("image/png", "image/jpeg"):
        entry = metadata.get(mime) if type(metadata) is dict else None
        if type(entry) is dict:
            sizes = {k: entry.get(k) for k in ("width", "height") if type(entry.get(k)) is int}
            if sizes:
                clean[mime] = sizes
    return clean


def _size(value: Any) -> int:
    if isinstance(value, str):
        return len(value.encode("utf-8"))
    if isinstance(value, dict):
        return sum(len(key) + _size(part) for key, part in value.items())
    if isinstance(value, list):
        return sum(_size(part) + 1 for part in value)
    return 8
