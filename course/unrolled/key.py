"""The answer key beside a notebook, ``key.npz``: inputs, right outcomes and known mistakes' outcomes.

Numbers and text only, never code and never pickled. The file is an ``.npz``: one member
``manifest`` holds JSON (as bytes), the others are the arrays it refers to. The same key always gives
the same bytes: members are stored in order, uncompressed and without dates.
"""

from __future__ import annotations

import io
import json
import math
import os
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from unrolled import plain
from unrolled.outcomes import Case, Outcome, Raised, Spec, Strange, observe

FILE_NAME = "key.npz"
FOLDER_VARIABLE = "UNROLLED_KEY"
_FORMAT = 1
_MARK = "!"


class KeyUnreadable(Exception):
    """There is no usable key; the message says where it was looked for and what to do."""


@dataclass(frozen=True)
class Mistake:
    """A known wrong answer: its name, what a student is told, and what it does on every case."""

    slug: str
    diagnosis: str
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True)
class ExerciseKey:
    """One exercise's part of a key. ``outcomes`` are the solution's, one for each case."""

    spec: Spec
    cases: tuple[Case, ...]
    outcomes: tuple[Outcome, ...]
    mistakes: tuple[Mistake, ...] = ()


def make_exercise_key(
    spec: Spec,
    cases: Sequence[Case],
    solution: Callable,
    mistakes: Mapping[str, tuple[str, Callable]] | None = None,
) -> ExerciseKey:
    """The key of one exercise, from its solution and its known mistakes.

    mistakes: slug -> (diagnosis, function).
    Raises ValueError where the solution raises, returns the wrong number of results or something
    that is not plain data, or changes an argument.
    """
    outcomes = tuple(observe(solution, case, spec) for case in cases)
    for number, outcome in enumerate(outcomes):
        where = f"{spec.exercise}: the solution, on case {number},"
        if outcome.raised is not None:
            raise ValueError(f"{where} raised {outcome.raised.kind}: {outcome.raised.message}")
        if len(outcome.results) != len(spec.returns):
            raise ValueError(
                f"{where} returned {len(outcome.results)} results; RETURNS names "
                f"{len(spec.returns)}"
            )
        for name, result in zip(spec.returns, outcome.results, strict=True):
            if isinstance(result, Strange):
                raise ValueError(f"{where} returned {result.description} as {name}")
        if outcome.changed:
            raise ValueError(f"{where} changed {', '.join(outcome.changed)}")
        if spec.observe and outcome.observed is None:
            raise ValueError(f"{where} returned nothing that {spec.observe} can look at")
    known = tuple(
        Mistake(slug, text, tuple(_without_source(observe(function, c, spec)) for c in cases))
        for slug, (text, function) in (mistakes or {}).items()
    )
    return ExerciseKey(spec, tuple(cases), outcomes, known)


def _without_source(outcome: Outcome) -> Outcome:
    """The outcome without the source line that raised: a key holds no line of any answer."""
    if outcome.raised is None:
        return outcome
    return replace(outcome, raised=replace(outcome.raised, line=None, number=None))


def write_key(path: Path | str, exercises: Mapping[str, ExerciseKey]) -> None:
    """Write a chapter's key; an older file is replaced in one step."""
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(key_bytes(exercises))
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def key_bytes(exercises: Mapping[str, ExerciseKey]) -> bytes:
    """What ``write_key`` writes."""
    arrays: list[np.ndarray] = []
    manifest = {
        "format": _FORMAT,
        "exercises": {name: _encode(key, arrays) for name, key in exercises.items()},
    }
    text = json.dumps(manifest, ensure_ascii=False, allow_nan=False, indent=1)
    members = {"manifest": np.frombuffer(text.encode(), np.uint8)}
    members |= {f"a{number}": array for number, array in enumerate(arrays)}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, array in members.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, array, version=(1, 0), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), member.getvalue())
    return buffer.getvalue()


def find_key() -> Path:
    """Where the key of the running notebook is: in $UNROLLED_KEY, else in the current folder.

    An instructor's solution notebook stands in ``solutions/NN_name`` and uses the student's key,
    in ``course/NN_name``.
    """
    folder = Path(os.environ.get(FOLDER_VARIABLE) or os.getcwd())
    released = folder.parent.parent / "course" / folder.name
    if folder.parent.name == "solutions" and (released / FILE_NAME).is_file():
        folder = released
    return folder / FILE_NAME


def read_key(path: Path | str | None = None) -> dict[str, ExerciseKey]:
    """Exercise name -> its key, from ``path`` or from where ``find_key`` looks.

    Raises KeyUnreadable where the file is missing, damaged or of another version.
    """
    path = find_key() if path is None else Path(path)
    again = "Take the chapter's folder again from where you got the course, with every file in it."
    if not path.is_file():
        raise KeyUnreadable(
            f"{FILE_NAME} is not beside this notebook (looked in {path.parent}), so check() has "
            f"nothing to compare with. {again}"
        )
    try:
        with np.load(path, allow_pickle=False) as archive:
            manifest = json.loads(archive["manifest"].tobytes())
            if manifest["format"] != _FORMAT:
                raise KeyUnreadable(
                    f"{FILE_NAME} has format {manifest['format']}, this toolbox reads {_FORMAT}. "
                    f"The notebook's folder and the folder `unrolled` are of different age. {again}"
                )
            arrays = {name: archive[name] for name in archive.files}
        return {
            name: _decode(entry, arrays, ExerciseKey)
            for name, entry in manifest["exercises"].items()
        }
    except KeyUnreadable:
        raise
    except Exception as error:  # a damaged file fails in as many ways as there are bytes
        raise KeyUnreadable(
            f"{FILE_NAME} is damaged and cannot be read ({type(error).__name__}). {again}"
        ) from error


_CLASSES = {kind.__name__: kind for kind in (ExerciseKey, Mistake, Outcome, Raised, Strange)}
_CLASSES |= {kind.__name__: kind for kind in (Spec, Case)}


def _encode(value: Any, arrays: list[np.ndarray]) -> Any:
    """JSON for plain data and this package's records; arrays are put aside and numbered."""
    kind = type(value)
    if value is None or kind in (bool, int, str) or (kind is float and math.isfinite(value)):
        return value
    if kind is list:
        return [_encode(item, arrays) for item in value]
    if kind is tuple:
        return {_MARK: "tuple", "items": [_encode(item, arrays) for item in value]}
    if kind is dict and all(type(key) is str and key != _MARK for key in value):
        return {key: _encode(item, arrays) for key, item in value.items()}
    if kind.__name__ in _CLASSES and _CLASSES[kind.__name__] is kind:
        record = {part.name: getattr(value, part.name) for part in fields(value) if part.compare}
        return {_MARK: kind.__name__} | {
            name: _encode(part, arrays) for name, part in record.items()
        }
    if kind is np.ndarray and value.dtype.isnative:
        arrays.append(np.ascontiguousarray(value).reshape(value.shape))
        return {_MARK: "array", "number": len(arrays) - 1}
    # everything rarer: NumPy scalars, floats that JSON cannot say, tensors, generators
    arrays.append(np.frombuffer(plain.pack(value), np.uint8))
    return {_MARK: "packed", "number": len(arrays) - 1}


def _decode(value: Any, arrays: Mapping[str, np.ndarray], expected: type | None = None) -> Any:
    if isinstance(value, list):
        return [_decode(item, arrays) for item in value]
    if not isinstance(value, dict):
        return value
    mark = value.get(_MARK)
    if mark is None:
        found: Any = {key: _decode(item, arrays) for key, item in value.items()}
    elif mark == "tuple":
        found = tuple(_decode(item, arrays) for item in value["items"])
    elif mark == "array":
        found = arrays[f"a{value['number']}"]
    elif mark == "packed":
        found = plain.unpack(arrays[f"a{value['number']}"].tobytes())
    else:
        parts = {key: _decode(item, arrays) for key, item in value.items() if key != _MARK}
        found = _CLASSES[mark](**parts)
    if expected is not None and type(found) is not expected:
        raise ValueError(f"{type(found).__name__} where {expected.__name__} belongs")
    return found
