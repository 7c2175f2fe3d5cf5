"""Looks for what must not reach students: every secret line, in every file under ``course/``.

Secret are the solutions, the rubrics, the hidden tests, the other answers and their cases. A line
counts if it says something (``return h`` does not) and stands in no part of a text that students
see. It is found where it is a line of its own in any text, or, if it is long enough to be sure,
anywhere inside one. What ``course.toml`` gives to a later chapter may stand in that chapter's
``given.py``, nowhere else. ``key.npz`` holds numbers and sentences, never code.
"""

from __future__ import annotations

import ast
import base64
import binascii
import functools
import html
import io
import json
import re
import tokenize
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autograder.authoring.given import given_lines
from autograder.course import (
    Chapter,
    Course,
    Exercise,
    is_manual,
    is_solution,
    is_test,
    without_hidden_tests,
    without_solution,
)
from autograder.errors import UserError

_BETWEEN = re.compile(
    r"^\s*### BEGIN (?:SOLUTION|HIDDEN TESTS)\n(.*?)^\s*### END (?:SOLUTION|HIDDEN TESTS)",
    re.M | re.S,
)
_MARKERS = ("### BEGIN SOLUTION", "### END SOLUTION", "### BEGIN HIDDEN", "### END HIDDEN")
# not part of what is handed out: set-up, caches, editors' copies of what is scanned anyway
_SKIPPED = {".venv", "__pycache__", ".git", ".ipynb_checkpoints", ".ruff_cache"}
_HEADERS = {"for", "while", "if", "elif", "else", "with", "try", "except", "def", "class"}
# lines that any numerical code has, and that tell nothing about an exercise: making arrays, shapes
_SETUP = re.compile(
    r"[\w, ]+ = (np\.random\.default_rng|rng\.\w+|np\.(zeros|ones|empty)(_like)?)\([^@]*\)"
    r"(\.astype\([\w.]+\))?|[\w, ]+ = (len\(\w+\)|\w+\.(shape|copy\(\)))"
)
_MIN_TOKENS = 6
_MIN_WORDS = 5
_SURE = 30
"""Characters, blanks not counted, from which on a line is also looked for inside other lines."""


@dataclass(frozen=True)
class Leak:
    """Something secret in a student's file."""

    path: Path
    what: str
    """A sentence: what it is and where it comes from."""

    def __str__(self) -> str:
        return f"{self.path}: {self.what}"


def find_leaks(course: Course, chapters: Iterable[Chapter] | None = None) -> list[Leak]:
    """Every leak under ``course/``.

    chapters: whose secrets are looked for (default: of all that have a text). Their lines are looked
    for in every file, in other chapters' too.
    """
    written = [chapter for chapter in course.chapters.values() if chapter.source.is_file()]
    chosen = written if chapters is None else list(chapters)
    others = set(course.chapters) - {chapter.name for chapter in chosen}
    secrets = _secrets(chosen, _visible(written, chosen))
    leaks: list[Leak] = []
    for path in _files(course.release):
        leaks += _secrets_in(path, secrets, _allowed(course, path))
        if path.relative_to(course.release).parts[0] not in others:
            leaks += _strangers(course, path)
            if path.name == "key.npz":
                leaks += _code_in_key(path)
            if path.suffix == ".ipynb":
                leaks += _outputs(path)
    return leaks


class _Secrets:
    """What is looked for.

    lines: squeezed line -> the line as it is written, and where it comes from.
    by_start: the first ``_SURE`` characters of a squeezed line -> the lines that begin so, to look
        for thousands of lines in one pass over a text.
    """

    def __init__(self, lines: dict[str, tuple[str, str]]):
        self.lines = lines
        self.by_start: defaultdict[str, list[str]] = defaultdict(list)
        for squeezed in lines:
            if len(squeezed) >= _SURE:
                self.by_start[squeezed[:_SURE]].append(squeezed)


def _secrets(chapters: Iterable[Chapter], visible: list[str]) -> _Secrets:
    lines, everything = set(visible), "\n".join(visible)
    found: dict[str, tuple[str, str]] = {}
    for chapter in chapters:
        for origin, line in _secret_lines(chapter):
            squeezed = squeeze(line)
            known = squeezed in (everything if len(squeezed) >= _SURE else lines)
            if not known:
                found.setdefault(squeezed, (line.strip(), origin))
    return _Secrets(found)


def _secrets_in(path: Path, secrets: _Secrets, allowed: set[str]) -> list[Leak]:
    leaks: dict[str, Leak] = {}
    for where, text in _texts(path):
        for secret, origin in _found(text, secrets, allowed):
            leaks.setdefault(secret, Leak(path, f"{where} holds `{secret}` of {origin}"))
        for marker in _MARKERS:
            if marker in text:
                leaks.setdefault(marker, Leak(path, f"{where} holds the marker `{marker}`"))
    return list(leaks.values())


def _secret_lines(chapter: Chapter) -> Iterator[tuple[str, str]]:
    """(where it comes from, line) for every line worth looking for."""
    for cell in chapter.notebook().cells:
        for match in _BETWEEN.finditer(cell.source + "\n"):
            if is_manual(cell) and cell.cell_type == "markdown":
                says = _says_something_in_words
            else:
                says = says_something
            kind = "a hidden test" if is_test(cell) else "a solution"
            origin = f"{kind} in {chapter.source.name}"
            yield from ((origin, line) for line in match[1].splitlines() if says(line))
    for exercise in chapter.exercises.values():
        for path, text in _answer_texts(exercise):
            origin = path.relative_to(chapter.folder).as_posix()
            yield from ((origin, line) for line in text.splitlines() if says_something(line))


def _answer_texts(exercise: Exercise) -> Iterator[tuple[Path, str]]:
    for answer in (*exercise.wrong, *exercise.right):
        yield answer.path, answer.code  # without the docstring, which students read in `check`
    if exercise.cases_file.is_file():
        yield exercise.cases_file, exercise.cases_file.read_text(encoding="utf-8")


def says_something(line: str) -> bool:
    """Whether a line of code, found elsewhere, would show that it was copied.

    Imports, the heads of short blocks, set-up and lines with few tokens stand everywhere.
    """
    tokens = _tokens(line)
    if len(tokens) < _MIN_TOKENS or tokens[0] in ("import", "from"):
        return False
    if tokens[0] in _HEADERS and len(tokens) < 3 * _MIN_TOKENS:
        return False
    if _SETUP.fullmatch(line.partition("#")[0].strip()):
        return False
    return len({token for token in tokens if token.isidentifier()}) >= 2


def _says_something_in_words(line: str) -> bool:
    return len(line.split()) >= _MIN_WORDS


def _tokens(line: str) -> list[str]:
    """The tokens of one line, which need not be a whole statement; none for a comment."""
    found: list[str] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(line.strip()).readline):
            if token.type != tokenize.COMMENT and token.string.strip():
                found.append(token.string)
    except (tokenize.TokenError, SyntaxError):
        pass  # a bracket that closes on another line: what was read so far counts
    return found


def _visible(chapters: Iterable[Chapter], chosen: list[Chapter]) -> list[str]:
    """Squeezed lines that students see of the texts anyway."""
    found: list[str] = []
    for chapter in chapters:
        try:
            cells = chapter.notebook().cells
        except UserError:
            if chapter in chosen:
                raise
            continue  # another chapter that somebody is still writing
        for cell in cells:
            text = cell.source + "\n"
            if is_solution(cell):
                text = without_solution(text)
            elif is_test(cell):
                text = without_hidden_tests(text)
            found += map(squeeze, text.splitlines())
    return found


@functools.cache
def squeeze(line: str) -> str:
    """A line without blanks and without a comment, so that another layout hides nothing."""
    if says_something(line) and "#" in line:
        line = "".join(_tokens(line))
    return "".join(line.split())


def _found(text: str, secrets: _Secrets, allowed: set[str]) -> Iterator[tuple[str, str]]:
    found = secrets.lines.keys() & {squeeze(line) for line in text.splitlines()}
    everything = "".join(text.split())
    for place in range(len(everything) - _SURE + 1):
        for squeezed in secrets.by_start.get(everything[place : place + _SURE], ()):
            if everything.startswith(squeezed, place):
                found.add(squeezed)
    yield from (secrets.lines[squeezed] for squeezed in sorted(found - allowed))


def _allowed(course: Course, path: Path) -> set[str]:
    """Squeezed lines that this one file may hold: what is given to the chapter, in its given.py."""
    chapter = course.chapters.get(path.parent.name)
    if chapter is None or path.name != "given.py":
        return set()
    return {squeeze(line) for line in given_lines(chapter)}


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).parts
        if path.is_file() and not any(p in _SKIPPED or p.endswith(".egg-info") for p in inside):
            yield path


def _strangers(course: Course, path: Path) -> list[Leak]:
    """A file that the build does not make, beside the notebooks or where none belongs."""
    inside = path.relative_to(course.release).parts
    if inside[0] == "unrolled" or inside in (("README.md",), ("requirements.txt",)):
        return []
    chapter = course.chapters.get(inside[0])
    if chapter is not None and len(inside) == 2:
        expected = {chapter.released_notebook.name, chapter.key_file.name}
        expected |= {"given.py"} if chapter.given else set()
        if inside[1] in expected:
            return []
    return [Leak(path, "a file that the build does not make; remove it")]


def _texts(path: Path) -> Iterator[tuple[str, str]]:
    """(where in the file, text) for everything readable in it, encoded parts too."""
    if path.suffix == ".ipynb":
        yield from _notebook_texts(path)
    elif path.suffix == ".npz":
        yield from _archive_texts(path)
    else:
        yield "the file", path.read_bytes().decode("utf-8", "replace")


def _notebook_texts(path: Path) -> Iterator[tuple[str, str]]:
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        notebook = json.loads(text)
        cells = list(notebook["cells"])
    except (ValueError, KeyError, TypeError):
        yield "the file", text
        return
    for number, cell in enumerate(cells, start=1):
        for part, value in cell.items():
            for piece in _strings(value):
                yield f"cell {number}, {part},", piece
    for piece in _strings({name: value for name, value in notebook.items() if name != "cells"}):
        yield "the notebook's metadata", piece


def _strings(value: Any) -> Iterator[str]:
    """Every string in JSON data; lists of lines as one text, HTML and base64 also decoded."""
    if isinstance(value, str):
        yield value
        if "&" in value:
            yield html.unescape(value)
        if len(value) > 16 and (decoded := _from_base64(value)):
            yield decoded
    elif isinstance(value, list):
        if value and all(isinstance(item, str) for item in value):
            yield from _strings("".join(value))
        for item in value:
            yield from _strings(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from _strings(item)


def _from_base64(text: str) -> str | None:
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    return data.decode("utf-8", "replace")


def _archive_texts(path: Path) -> Iterator[tuple[str, str]]:
    try:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                text = archive.read(name).decode("utf-8", "replace")
                yield f"its member {name}", _unescape(text)
                # NumPy stores text with four bytes a character
                yield f"its member {name}", text.replace("\0", "")
    except zipfile.BadZipFile:
        yield "the file", path.read_bytes().decode("utf-8", "replace")


def _unescape(text: str) -> str:
    """JSON's escapes undone, so that a quoted line of code is found as it was written."""
    return text.replace('\\"', '"').replace("\\n", "\n").replace("\\\\", "\\")


def _code_in_key(path: Path) -> list[Leak]:
    leaks = []
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        manifest = json.loads(arrays["manifest"].tobytes())
    except Exception as error:  # pickled, damaged, or no key at all: none may be handed out
        return [Leak(path, f"not a key of numbers and sentences ({type(error).__name__}: {error})")]
    texts = list(_strings(manifest))
    for array in arrays.values():
        if array.dtype.kind in "SU":
            texts += map(str, array.ravel())
    for text in texts:
        if _is_code(text):
            leaks.append(Leak(path, f"holds code: `{text.strip().splitlines()[0][:80]}`"))
    return leaks


def _is_code(text: str) -> bool:
    """Whether a string is Python that does more than name something."""
    try:
        module = ast.parse(text.strip())
    except (SyntaxError, ValueError):
        return False
    telling = (ast.stmt, ast.Lambda, ast.Call)
    return any(
        isinstance(node, telling) and not isinstance(node, ast.Expr) for node in ast.walk(module)
    )


def _outputs(path: Path) -> list[Leak]:
    """A student's notebook is handed out without outputs: they show what solutions return."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return [
            Leak(path, f"cell {number} carries the output of a run")
            for number, cell in enumerate(cells, start=1)
            if cell.get("outputs")
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        return [Leak(path, "not a readable notebook")]
