"""Finds the first thing off in a result, beside what was expected: kind, shape, dtype, NaN, values.

Everything compared here is plain data made by ``unrolled.plain``: no student object is touched.
The expected value decides how it is compared, and no message gives it away.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np

from unrolled import plain
from unrolled.outcomes import Spec, Strange


class Rank(IntEnum):
    """What can be off, the most basic first: the order in which a student is told."""

    UNWRITTEN = 0
    CALL = 1
    RAISED = 2
    NOTHING = 3
    COUNT = 4
    KIND = 5
    SHAPE = 6
    DTYPE = 7
    NOT_FINITE = 8
    CHANGED = 9
    VALUES = 10


@dataclass(frozen=True)
class Problem:
    """One thing off. ``hint`` is a second sentence, or empty."""

    rank: Rank
    text: str
    hint: str = ""


_TOLERANCES = {2: (1e-2, 1e-3), 4: (1e-4, 1e-5), 8: (1e-7, 1e-9)}
"""Bytes of a real number -> (rtol, atol): loose enough for another order of summation."""


def compare(
    name: str, got: Any, expected: Any, dims: str, sizes: Mapping[str, int], spec: Spec
) -> Problem | None:
    """The first thing off in the result ``name``, or None.

    dims: names of the result's axes, separated by spaces. sizes: the case's dim -> its size.
    """
    shown = f"`{name}`"
    if got is None and expected is not None:
        return Problem(Rank.KIND, f"{shown} is None.")
    if isinstance(got, Strange) or isinstance(expected, Strange):
        if isinstance(got, Strange) and isinstance(expected, Strange) and got == expected:
            return None
        text = got.description if isinstance(got, Strange) else _kind(got)
        return Problem(Rank.KIND, f"{shown} is {text}; {_wanted(expected)}.")
    if type(expected) is np.ndarray:
        return _compare_arrays(name, got, expected, dims, sizes, spec)
    if plain.is_tensor(expected):
        return _compare_tensors(name, got, expected, dims, sizes, spec)
    if isinstance(expected, bool | np.bool_):
        return _compare_bools(shown, got, expected)
    if isinstance(expected, int | float | complex | np.number):
        return _compare_numbers(shown, got, expected, sizes, spec)
    if isinstance(expected, dict):
        return _compare_dicts(name, got, expected, dims, sizes, spec)
    if isinstance(expected, list | tuple):
        return _compare_lists(name, got, expected, dims, sizes, spec)
    if isinstance(expected, str | bytes):
        return _compare_texts(shown, got, expected)
    if type(got) is not type(expected):
        return Problem(Rank.KIND, f"{shown} is {_kind(got)}; {_wanted(expected)}.")
    return None if plain.pack(got) == plain.pack(expected) else _differs(shown)


def near(got: np.ndarray, expected: np.ndarray, spec: Spec) -> np.ndarray:
    """Entry by entry, whether two arrays of one shape agree; NaN agrees with NaN."""
    if expected.dtype.kind not in "fc":
        return np.asarray(got == expected)
    size = expected.dtype.itemsize // (2 if expected.dtype.kind == "c" else 1)
    rtol, atol = _TOLERANCES.get(size, _TOLERANCES[8])
    rtol = rtol if spec.rtol is None else spec.rtol
    atol = atol if spec.atol is None else spec.atol
    with np.errstate(all="ignore"):
        return np.isclose(got, expected, rtol=rtol, atol=atol, equal_nan=True)


def _compare_arrays(name, got, expected, dims, sizes, spec) -> Problem | None:
    shown = f"`{name}`"
    if expected.ndim == 0 and isinstance(got, int | float | complex | np.generic):
        got = np.asarray(got)
    if type(got) is not np.ndarray:
        return Problem(
            Rank.KIND, f"{shown} is {_kind(got)}; {_wanted(expected)}.", _same(got, expected)
        )
    if got.shape != expected.shape:
        text = (
            f"{shown} has shape {_shape(got.shape)}{_named(got.shape, expected.shape, dims, sizes)};"
            f" expected {_shape(expected.shape)}{_expected_named(expected.shape, dims)}."
        )
        return Problem(Rank.SHAPE, text, _shape_hint(got, expected, spec))
    if not _same_dtype(got.dtype, expected.dtype):
        # where only what the numbers do is judged, any precision will do
        if spec.observe and got.dtype.kind in ("iuf" if expected.dtype.kind == "f" else "iu"):
            return None
        return _dtype_problem(shown, got.dtype, expected.dtype)
    if (problem := _not_finite(shown, got, expected)) is not None:
        return problem
    return _compare_values(name, got, expected, dims, sizes, spec)


def _compare_tensors(name, got, expected, dims, sizes, spec) -> Problem | None:
    if not plain.is_tensor(got):
        return Problem(Rank.KIND, f"`{name}` is {_kind(got)}; {_wanted(expected)}.")
    if got.dtype != expected.dtype and got.shape == expected.shape:
        return Problem(Rank.DTYPE, f"`{name}` has dtype {got.dtype}; expected {expected.dtype}.")
    return _compare_arrays(name, _numpy(got), _numpy(expected), dims, sizes, spec)


def _numpy(tensor) -> np.ndarray:
    import torch

    return (tensor.float() if tensor.dtype is torch.bfloat16 else tensor).numpy()


def _compare_bools(shown, got, expected) -> Problem | None:
    if not isinstance(got, bool | np.bool_):
        return Problem(Rank.KIND, f"{shown} is {_kind(got)}; {_wanted(expected)}.")
    if bool(got) == bool(expected):
        return None
    return Problem(Rank.VALUES, f"{shown} is {bool(got)}; it should be {bool(expected)}.")


def _compare_numbers(shown, got, expected, sizes, spec) -> Problem | None:
    if type(got) is np.ndarray and got.ndim == 0:
        got = got[()]
    if plain.is_tensor(got) or isinstance(got, bool | np.bool_) or not _is_number(got):
        return Problem(Rank.KIND, f"{shown} is {_kind(got)}; {_wanted(expected)}.")
    if isinstance(expected, int | np.integer):
        if not isinstance(got, int | np.integer):
            return Problem(
                Rank.KIND, f"{shown} is {_kind(got)}; expected an integer.", _same(got, expected)
            )
        if int(got) == int(expected):
            return None
        return Problem(Rank.VALUES, f"{shown} is too {_direction(int(got), int(expected))}.")
    if isinstance(got, complex | np.complexfloating) and not isinstance(
        expected, complex | np.complexfloating
    ):
        return Problem(Rank.KIND, f"{shown} is {_kind(got)}; {_wanted(expected)}.")
    kind = complex if isinstance(expected, complex | np.complexfloating) else float
    try:
        value = np.asarray(kind(got))
    except OverflowError:  # an integer beyond every float
        return Problem(Rank.VALUES, f"{shown} is off by more than 1e308.")
    target = np.asarray(expected)
    if np.isfinite(target) and not np.isfinite(value):
        word = "NaN" if np.isnan(value) else "infinite"
        return Problem(Rank.NOT_FINITE, f"{shown} is {word}.", _OVERFLOW)
    if near(value, target, spec):
        return None
    with np.errstate(all="ignore"):
        error = _rough(np.abs(value - target))
    hint = _relation(value.reshape(1), target.reshape(1), sizes)
    return Problem(Rank.VALUES, f"{shown} is off by {error}.", hint)


def _compare_dicts(name, got, expected, dims, sizes, spec) -> Problem | None:
    if not isinstance(got, dict):
        return Problem(Rank.KIND, f"`{name}` is {_kind(got)}; expected a dict.")
    missing = [key for key in expected if key not in got]
    extra = [key for key in got if key not in expected]
    if missing:
        return Problem(Rank.COUNT, f"`{name}` has no key {_keys(missing)}.")
    if extra:
        return Problem(Rank.COUNT, f"`{name}` has a key too many: {_keys(extra)}.")
    problems = [
        compare(f"{name}[{plain.show_key(key)}]", got[key], value, "", sizes, spec)
        for key, value in expected.items()
    ]
    return min(filter(None, problems), key=lambda problem: problem.rank, default=None)


def _compare_lists(name, got, expected, dims, sizes, spec) -> Problem | None:
    if type(got) is np.ndarray and got.ndim == 1:
        got = list(got)
    if not isinstance(got, list | tuple):
        return Problem(Rank.KIND, f"`{name}` is {_kind(got)}; {_wanted(expected)}.")
    if len(got) != len(expected):
        return Problem(
            Rank.COUNT, f"`{name}` has {_count(len(got), 'item')}; expected {len(expected)}."
        )
    problems = [
        compare(f"{name}[{index}]", mine, value, "", sizes, spec)
        for index, (mine, value) in enumerate(zip(got, expected, strict=True))
    ]
    return min(filter(None, problems), key=lambda problem: problem.rank, default=None)


def _compare_texts(shown, got, expected) -> Problem | None:
    if not isinstance(got, type(expected)):
        return Problem(Rank.KIND, f"{shown} is {_kind(got)}; {_wanted(expected)}.")
    if got == expected:
        return None
    if len(got) != len(expected):
        return Problem(
            Rank.VALUES,
            f"{shown} has {_count(len(got), 'character')}; expected {len(expected)}.",
        )
    where = next(i for i, pair in enumerate(zip(got, expected, strict=True)) if pair[0] != pair[1])
    return Problem(Rank.VALUES, f"{shown} is wrong from character {where} on (counted from 0).")


def _compare_values(name, got, expected, dims, sizes, spec) -> Problem | None:
    good = near(got, expected, spec)
    if good.all():
        return None
    bad = ~good
    share = _part(bad)
    if expected.dtype.kind not in "iufc":
        where = tuple(int(i) for i in np.argwhere(bad)[0]) if expected.ndim else ()
        text = f"`{name}` is wrong in {share}"
        if expected.dtype.kind == "b":
            is_, should = ("True", "False") if got[where] else ("False", "True")
            at = f"`{name}{_index(where)}`" if where else "it"
            return Problem(Rank.VALUES, f"{text}: {at} is {is_} and should be {should}.")
        return Problem(Rank.VALUES, f"{text}, the first at {_index(where)}.")
    if expected.ndim == 0 and expected.dtype.kind in "iu" and spec.observe:  # a count
        by = f"too {_direction(int(got), int(expected))} by {abs(int(got) - int(expected))}"
        return Problem(Rank.VALUES, f"`{name}` is {int(got)}, {by}.")
    wide = complex if expected.dtype.kind == "c" else float
    with np.errstate(all="ignore"):
        a, b = got.astype(wide), expected.astype(wide)
        error = np.where(bad, np.nan_to_num(np.abs(a - b), nan=np.inf), 0)
    where = tuple(int(i) for i in np.unravel_index(int(error.argmax()), error.shape))
    size = _rough(error[where]) if np.isfinite(error[where]) else "more than 1e308"
    if expected.ndim == 0:
        text = f"`{name}` is off by {size}."
    else:
        text = f"`{name}` is wrong in {share}; the largest error is {size}, at `{name}{_index(where)}`."
    return Problem(Rank.VALUES, text, _value_hint(a, b, bad, dims, sizes, spec))


def _value_hint(got, expected, bad, dims, sizes, spec) -> str:
    """A pattern in the errors, where there is one: a factor, an offset, a transpose, a time."""
    if hint := _relation(got.ravel(), expected.ravel(), sizes):
        return hint
    if got.ndim == 2 and got.shape[0] == got.shape[1] > 1 and near(got.T, expected, spec).all():
        return "Its transpose is right."
    names = dims.split()
    if names and names[0] == "T" and len(names) == got.ndim and len(got) > 1:
        wrong = bad.reshape(len(bad), -1).any(axis=1)
        if near(got[::-1], expected, spec).all():
            return "Read from the last step to the first it is right: the time axis is reversed."
        if not wrong[0]:
            return f"Its first {_count(int(wrong.argmax()), 'step is', 'steps are')} right."
        if not wrong[-1]:
            right = int(wrong[::-1].argmax())
            return f"Only its last {_count(right, 'step is', 'steps are')} right."
    return ""


def _relation(got, expected, sizes) -> str:
    """ "-1 times the expected value" and the like, where one factor or offset explains all."""
    with np.errstate(all="ignore"):
        clear = np.abs(expected) > 1e-6 * np.abs(expected).max(initial=0)
        if not clear.any() or not np.isfinite(got).all() or not np.isfinite(expected).all():
            return ""
        few = expected.size < 2
        ratio = got[clear] / expected[clear]
        factor = ratio[0]
        scale = np.abs(expected).max()
        if np.abs(got - factor * expected).max() <= 1e-5 * max(1.0, abs(factor)) * scale:
            word = _factor(complex(factor), sizes)
            if word and (not few or factor == -1 or abs(factor) in sizes.values()):
                return f"It is {word} times what it should be{'' if few else ', everywhere'}."
            if abs(factor) < 1e-12:
                return "It is 0 everywhere." if not few else ""
        offset = (got - expected)[0]
        if not few and np.abs(got - expected - offset).max() <= 1e-5 * abs(offset):
            if abs(offset.imag) == 0:
                direction = "large" if offset.real > 0 else "small"
                return f"Every entry is too {direction} by the same {_rough(abs(offset))}."
    return ""


def _factor(factor: complex, sizes: Mapping[str, int]) -> str:
    """A factor in words if it is one that a slip makes: -1, 2, 1/3; with the dim of that size."""
    if abs(factor.imag) > 1e-6 * abs(factor):
        return ""
    value = factor.real
    for number, form in ((abs(value), "{}"), (1 / abs(value) if value else 0, "1/{}")):
        whole = round(number) if number < 1e6 else 0
        if whole >= 1 and abs(number - whole) <= 1e-5 * whole:
            if whole == 1 and value > 0:
                return ""  # nearly right: "1 times what it should be" says nothing
            names = [name for name, size in sizes.items() if size == whole > 1]
            # the product of two sizes is as telling: a mean over T * B
            names = names or [
                f"{a} * {b}"
                for i, (a, m) in enumerate(sizes.items())
                for b, n in list(sizes.items())[i + 1 :]
                if m * n == whole and 1 < min(m, n)
            ]
            sign = "-" if value < 0 else ""
            return (
                sign + form.format(whole) + (f" ({names[0]} = {whole})" if len(names) == 1 else "")
            )
    return ""


def _not_finite(shown, got, expected) -> Problem | None:
    if got.dtype.kind not in "fc":
        return None
    for test, word in ((np.isnan, "NaN"), (np.isinf, "infinite")):
        bad = test(got) & np.isfinite(expected)
        if bad.any():
            where = f" in {_part(bad)}, the first at {_first(bad)}" if bad.ndim else ""
            return Problem(Rank.NOT_FINITE, f"{shown} is {word}{where}.", _OVERFLOW)
    return None


_OVERFLOW = "Look for an overflow, a division by 0 or a logarithm of 0."


def _same_dtype(got: np.dtype, expected: np.dtype) -> bool:
    if expected.kind in "iu":  # which integer is the machine's choice
        return got.kind in "iu"
    if expected.kind == "U":
        return got.kind == "U"
    return got == expected


def _dtype_problem(shown, got, expected) -> Problem:
    hint = ""
    if got.kind == expected.kind == "f":
        hint = "Keep the dtype that you are given."
    elif got.kind == "c":
        hint = "Its numbers are complex."
    return Problem(Rank.DTYPE, f"{shown} has dtype {got}; expected {expected}.", hint)


def _shape_hint(got, expected, spec) -> str:
    if got.ndim >= 2 and got.shape == expected.shape[::-1]:
        right = _comparable(got, expected) and near(got.T, expected, spec).all()
        return "Its transpose is right." if right else "That is the transposed shape."
    without = tuple(size for size in got.shape if size != 1)
    if without == tuple(size for size in expected.shape if size != 1) and got.ndim != expected.ndim:
        return (
            "An axis of length 1 is too many."
            if got.ndim > expected.ndim
            else "An axis of length 1 is missing."
        )
    if got.ndim == expected.ndim == 0:
        return ""
    if got.ndim == expected.ndim and sorted(got.shape) == sorted(expected.shape):
        return "The axes are in another order."
    return ""


def _comparable(got, expected) -> bool:
    return got.dtype.kind in "biufc" and expected.dtype.kind in "biufc"


def _same(got, expected) -> str:
    """A kind word where the numbers are right and only their container is not."""
    if plain.is_tensor(got):
        if tuple(got.shape) == np.shape(expected) and np.isclose(_numpy(got), expected).all():
            return "Its numbers are right."
        return ""
    try:
        array = np.asarray(got)
        if array.dtype.kind in "biuf" and array.shape == np.shape(expected):
            with np.errstate(all="ignore"):
                if np.isclose(array.astype(float), expected, equal_nan=True).all():
                    return "Its numbers are right."
    except (ValueError, TypeError, OverflowError):
        pass
    return ""


def _kind(value: Any) -> str:
    """What a plain value is, in words."""
    if type(value) is np.ndarray:
        return f"an array of shape {_shape(value.shape)}"
    if plain.is_tensor(value):
        return "a torch tensor"
    if value is None:
        return "None"
    if type(value) is str:
        return "text (a str)"
    if type(value) is tuple:
        return f"a tuple of {len(value)}"
    return plain.article(type(value).__name__)


def _wanted(expected: Any) -> str:
    if type(expected) is np.ndarray:
        return "return a NumPy array" if expected.ndim else "expected a number"
    if plain.is_tensor(expected):
        return "return a torch tensor"
    if isinstance(expected, bool | np.bool_):
        return "expected True or False"
    if isinstance(expected, int | np.integer):
        return "expected an integer"
    if isinstance(expected, float | np.floating):
        return "expected a number"
    return f"expected {_kind(expected)}"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | complex | np.number)


def _shape(shape: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def _expected_named(shape: tuple[int, ...], dims: str) -> str:
    names = dims.split()
    if not names or len(names) != len(shape):
        return ""
    return f", that is ({', '.join(names)}{',' if len(names) == 1 else ''})"


def _named(shape, expected_shape, dims: str, sizes: Mapping[str, int]) -> str:
    """The shape by names, where the sizes tell the names and at least one is known."""
    expected = dims.split()
    known: dict[int, set[str]] = {}
    for name, size in sizes.items():
        known.setdefault(size, set()).add(name)
    if len(expected) == len(expected_shape):
        for name, size in zip(expected, expected_shape, strict=True):
            known.setdefault(size, set()).add(name)
    words = []
    for axis, size in enumerate(shape):
        names = known.get(size, set())
        here = expected[axis] if axis < len(expected) == len(shape) else None
        if here in names and expected_shape[axis] == size:
            words.append(here)
        elif len(names) == 1:
            words.append(next(iter(names)))
        else:
            words.append(str(size))
    if not any(word[:1].isalpha() for word in words):
        return ""
    return f", that is ({', '.join(words)}{',' if len(words) == 1 else ''})"


def _index(where: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, where))}]"


def _first(bad: np.ndarray) -> str:
    return _index(tuple(int(i) for i in np.argwhere(bad)[0]))


def _part(bad: np.ndarray) -> str:
    """How many entries are bad: "all 15 entries", "3 of 15 entries"."""
    number = int(bad.sum())
    if number == bad.size > 1:
        return f"all {number} entries"
    return f"{number} of {_count(bad.size, 'entry', 'entries')}"


def _keys(keys: list) -> str:
    shown = ", ".join(plain.show_key(key) for key in keys[:4])
    return shown + (", …" if len(keys) > 4 else "")


def _rough(value: float) -> str:
    """Two digits, enough to see the size of an error, and the same on every machine."""
    value = float(value)
    return "more than 1e308" if not math.isfinite(value) else f"{value:.2g}"


def _direction(got: int, expected: int) -> str:
    return "large" if got > expected else "small"


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _differs(shown: str) -> Problem:
    return Problem(Rank.VALUES, f"{shown} is not what it should be.")
