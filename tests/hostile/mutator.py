"""Damages notebooks: bytes, structure, types, sizes, encodings and formats, the same for a number."""

from __future__ import annotations

import copy
import gzip
import io
import json
import random
import zipfile
from collections.abc import Callable
from typing import Any

ODD_TEXT = (
    "",
    "\x00",
    "\ud800",
    "\udfff\ud800",
    "\u202e\u2066",
    "\U0010ffff",
    "\ufeff",
    "a\u0300" * 50,
    "<script>alert(1)</script>",
    "\x1b[2J\x9b",
    "../../etc/passwd",
    "=1+1",
    "test_" * 40,
    "x" * 300_000,
    "\n" * 20_000,
    "### BEGIN SOLUTION\n### END HIDDEN TESTS",
)
ODD_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**31, 2**63, 10**18, 0.5, -0.0, 1e308, float("nan"), float("inf"),
    [], {}, [[]], [None], {"": ""}, {"a": {"b": {}}}, *ODD_TEXT,
)  # fmt: skip
TOKENS = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\\ud800", b"\\u0000", b"NaN", b"-Infinity", b"1e999999",
    b"9" * 5000, b"[" * 3000, b"]" * 30, b'{"a":' * 1500, b'"', b"\\", b",", b"null", b"/*", b"\xc0\xaf",
    b"\xed\xa0\x80", b'"cells": [],', b'"nbformat": 3,', b"\r\n", b"0.1" + b"0" * 9000,
)  # fmt: skip
NAMES = (
    "cell_type source metadata id outputs nbgrader grade_id points grade solution locked task "
    "schema_version cells nbformat nbformat_minor worksheets input attachments tags kernelspec "
    "execution_count orig_nbformat"
).split()


def damaged(seeds: list[bytes], number: int) -> bytes:
    """One of the seeds, damaged in the way that belongs to this number."""
    chance = random.Random(f"damaged {number}")
    data = chance.choice(seeds)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        change = chance.choice((*_OF_BYTES, *_OF_STRUCTURE * 2))
        data = change(data, chance)
        if len(data) > 8_000_000:
            break
    return data


def damaged_archive(seeds: list[bytes], number: int) -> bytes:
    """A class's zip with one of the notebooks twice, its bytes damaged."""
    chance = random.Random(f"archive {number}")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", chance.choice((0, 8, 12, 14))) as archive:
        for student in ("student-001", "student-002"):
            archive.writestr(f"{student}/{chance.choice(NAMES)}.ipynb", chance.choice(seeds))
    data = stream.getvalue()
    for _ in range(chance.choice((1, 2, 5))):
        # the directory stands at the end: most damage belongs there
        place = len(data) - chance.randrange(min(len(data), 400)) - 1
        change = chance.choice((_flip, _drop, _insert, _repeat))
        if chance.random() < 0.7:
            data = data[:place] + change(data[place:], chance)
        else:
            data = change(data, chance)
    return data


# ---- bytes ---------------------------------------------------------------------------------------


def _slice(data: bytes, chance: random.Random) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    return start, min(len(data), start + chance.choice((1, 2, 10, 300, 5000)))


def _flip(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 3, 20, 200)) if changed else 0):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _drop(data: bytes, chance: random.Random) -> bytes:
    start, stop = _slice(data, chance)
    return data[:start] + data[stop:]


def _repeat(data: bytes, chance: random.Random) -> bytes:
    start, stop = _slice(data, chance)
    return data[:stop] + data[start:stop] * chance.choice((1, 2, 50)) + data[stop:]


def _insert(data: bytes, chance: random.Random) -> bytes:
    start, _ = _slice(data, chance)
    return data[:start] + chance.choice(TOKENS) + data[start:]


def _truncate(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _recode(data: bytes, chance: random.Random) -> bytes:
    encoding = chance.choice(
        ("utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252", "utf-7", "utf-8-sig")
    )
    return data.decode("utf-8", "replace").encode(encoding, "replace")


def _wrap(data: bytes, chance: random.Random) -> bytes:
    kind = chance.randrange(3)
    if kind == 0:
        return gzip.compress(data, 1)
    if kind == 1:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("a.ipynb", data)
        return stream.getvalue()
    return b"<html><body>" + data[:2000] + b"</body></html>"


# ---- structure -----------------------------------------------------------------------------------


def _structural(
    change: Callable[[Any, random.Random], Any],
) -> Callable[[bytes, random.Random], bytes]:
    def on_bytes(data: bytes, chance: random.Random) -> bytes:
        try:
            document = json.loads(data)
            document = change(document, chance)
            return json.dumps(document, ensure_ascii=chance.random() < 0.7).encode(
                "utf-8", "surrogatepass"
            )
        except (ValueError, RecursionError):  # damaged before so that it is no JSON any more
            return _flip(data, chance)

    return on_bytes


def _places(document: Any) -> list[tuple[Any, Any]]:
    """Every place in the document as its container and key, at most so many."""
    found: list[tuple[Any, Any]] = []
    waiting = [document] if isinstance(document, dict | list) else []
    while waiting and len(found) < 20_000:
        node = waiting.pop()
        keys = list(node) if isinstance(node, dict) else range(len(node))
        for key in keys:
            found.append((node, key))
            if isinstance(node[key], dict | list):
                waiting.append(node[key])
    return found


def _place(document: Any, chance: random.Random) -> tuple[Any, Any]:
    if not isinstance(document, dict | list) or not document:
        raise ValueError("nothing to change")
    # the few places outside of cells matter as much as the many inside
    if isinstance(document, dict) and chance.random() < 0.15:
        return document, chance.choice(list(document))
    return chance.choice(_places(document))


@_structural
def _swap_type(document: Any, chance: random.Random) -> Any:
    node, key = _place(document, chance)
    node[key] = copy.deepcopy(chance.choice(ODD_VALUES))
    return document


@_structural
def _swap_types(document: Any, chance: random.Random) -> Any:
    name = chance.choice(NAMES)
    for node, key in _places(document):
        if key == name and chance.random() < 0.5:
            node[key] = copy.deepcopy(chance.choice(ODD_VALUES))
    return document


@_structural
def _delete(document: Any, chance: random.Random) -> Any:
    node, key = _place(document, chance)
    del node[key]
    return document


@_structural
def _duplicate(document: Any, chance: random.Random) -> Any:
    node, key = _place(document, chance)
    if isinstance(node, list):
        node[key:key] = [copy.deepcopy(node[key])] * chance.choice((1, 2, 40))
    else:
        node[chance.choice(NAMES)] = copy.deepcopy(node[key])
    return document


@_structural
def _exchange(document: Any, chance: random.Random) -> Any:
    (one, a), (two, b) = _place(document, chance), _place(document, chance)
    one[a], two[b] = copy.deepcopy(two[b]), copy.deepcopy(one[a])
    return document


@_structural
def _shuffle(document: Any, chance: random.Random) -> Any:
    lists = [node[key] for node, key in _places(document) if isinstance(node[key], list)]
    if lists:
        chance.shuffle(max(lists, key=len))
    return document


@_structural
def _nest(document: Any, chance: random.Random) -> Any:
    node, key = _place(document, chance)
    depth = chance.choice((3, 60, 400))
    for _ in range(depth):
        node[key] = [node[key]] if chance.random() < 0.5 else {"a": node[key]}
    return document


@_structural
def _odd_text(document: Any, chance: random.Random) -> Any:
    places = [(n, k) for n, k in _places(document) if isinstance(n[k], str)]
    for node, key in chance.sample(places, min(len(places), chance.choice((1, 3, 30)))):
        place = chance.randrange(len(node[key]) + 1)
        node[key] = node[key][:place] + chance.choice(ODD_TEXT) + node[key][place:]
    return document


@_structural
def _rename(document: Any, chance: random.Random) -> Any:
    places = [(n, k) for n, k in _places(document) if isinstance(n, dict)]
    for node, key in chance.sample(places, min(len(places), chance.choice((1, 5)))):
        if key in node:
            node[chance.choice((*NAMES, *ODD_TEXT[:8]))] = node.pop(key)
    return document


@_structural
def _other_format(document: Any, chance: random.Random) -> Any:
    if not isinstance(document, dict):
        raise ValueError("no notebook")
    cells = document.get("cells")
    cells = cells if isinstance(cells, list) else []
    kind = chance.randrange(4)
    if kind == 0:
        for cell in cells:
            if isinstance(cell, dict) and cell.get("cell_type") == "code":
                cell["input"] = cell.pop("source", "")
                cell["language"] = "python"
        return {
            "nbformat": 3,
            "nbformat_minor": 0,
            "metadata": {},
            "worksheets": [{"cells": cells}],
        }
    if kind == 1:
        return {"nbformat": chance.choice((1, 2)), "cells": cells, "worksheets": [{"cells": cells}]}
    if kind == 2:
        return {
            **document,
            "nbformat": chance.choice(ODD_VALUES),
            "nbformat_minor": chance.choice(ODD_VALUES),
        }
    return {"cells": cells}


_OF_BYTES = (_flip, _drop, _repeat, _insert, _truncate, _recode, _wrap)
_OF_STRUCTURE = (
    _swap_type, _swap_types, _delete, _duplicate, _exchange, _shuffle, _nest, _odd_text, _rename,
    _other_format,
)  # fmt: skip
