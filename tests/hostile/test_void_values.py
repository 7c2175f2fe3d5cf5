"""Results that many comparisons let pass: no hidden test of the course gives points for them.

NaN makes ``error > tolerance`` false, an empty array makes ``all`` true, and both are plain data
that a student's function may return.
"""

from __future__ import annotations

import ast
import functools
import io
import signal
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any

import numpy as np
import pytest

from autograder.authoring.reference import reference_namespace
from autograder.course import Chapter, Course, Exercise, load_course
from autograder.grading.examiner import _compiled
from tests.conftest import REPOSITORY
from unrolled import plain


def empty(value: Any) -> Any:
    """An array without elements that still broadcasts against the right one."""
    made = np.empty((0, *np.shape(value)), _dtype(value))
    return _like(value, made)


def not_a_number(value: Any) -> Any:
    """NaN in the place of every number."""
    return _like(value, np.full(np.shape(value), np.nan, _dtype(value)))


def infinite(value: Any) -> Any:
    """Infinity in the place of every number."""
    return _like(value, np.full(np.shape(value), np.inf, _dtype(value)))


def _dtype(value: Any) -> np.dtype:
    dtype = value.numpy().dtype if plain.is_tensor(value) else np.asarray(value).dtype
    return dtype if dtype.kind in "fc" else np.dtype(float)


def _like(value: Any, made: np.ndarray) -> Any:
    if plain.is_tensor(value):
        import torch

        return torch.from_numpy(made)
    return float(made) if isinstance(value, float) and made.ndim == 0 else made


def void(result: Any, how: Callable[[Any], Any], place: int | None) -> Any:
    """The result with its numbers replaced: all of them, or those of one of its parts."""
    if isinstance(result, tuple | list):
        parts = [
            void(part, how, None) if place in (None, i) else part for i, part in enumerate(result)
        ]
        return tuple(parts) if isinstance(result, tuple) else parts
    if isinstance(result, dict):
        return {
            key: void(part, how, None) if place in (None, i) else part
            for i, (key, part) in enumerate(result.items())
        }
    if plain.is_tensor(result):
        result = result.detach()
    elif not isinstance(result, np.ndarray | np.generic | int | float) or isinstance(result, bool):
        return result
    return how(result)


def parts_of(result: Any) -> list[int | None]:
    """Which parts of such a result there are to replace: all, and each alone."""
    several = isinstance(result, tuple | list | dict) and 1 < len(result) <= 12
    return [None, *range(len(result))] if several else [None]


def wipe(value: Any) -> None:
    """Set every number of an argument to 0, in place, as far as it can be changed."""
    if isinstance(value, np.ndarray) and value.dtype.kind in "fc" and value.flags.writeable:
        value[...] = 0
    elif plain.is_tensor(value) and value.dtype.is_floating_point:
        value.data.zero_()
    elif isinstance(value, dict | list | tuple):
        for part in value.values() if isinstance(value, dict) else value:
            wipe(part)


def nothing(value: Any) -> Any:
    """0 in the place of every number."""
    return _like(value, np.zeros(np.shape(value), _dtype(value)))


def functions(chapter: Chapter) -> Iterator[Exercise]:
    """Exercises whose answer is a function that returns something."""
    for exercise in chapter.exercises.values():
        for node in ast.parse(exercise.solution).body:
            if isinstance(node, ast.FunctionDef) and node.name == exercise.name:
                if any(isinstance(part, ast.Return) for part in ast.walk(node)):
                    yield exercise


EXERCISES = [
    (chapter.name, exercise.name)
    for chapter in load_course(REPOSITORY).chapters.values()
    for exercise in functions(chapter)
]


@pytest.fixture(autouse=True)
def as_graded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Training loops in tests are as short as they are under the grader."""
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")


@pytest.mark.parametrize(("chapter", "name"), EXERCISES)
def test_results_that_are_void_earn_nothing(chapter: str, name: str, course: Course):
    exercise = course.chapters[chapter].exercises[name]
    names = {
        n: v for n, v in reference_namespace(exercise.chapter).items() if n in exercise.defines
    }
    results: list[Any] = []
    assert passes(exercise, names, lambda value: results.append(value) or value)
    changed = [value for value in results if _differs(value)]
    for how in (empty, not_a_number, infinite):
        for place in parts_of(results[0]) if changed else ():
            forged = passes(exercise, names, lambda value, h=how, p=place: void(value, h, p))
            where = "everywhere" if place is None else f"in result {place}"
            assert not forged, f"{chapter}/{name} gives points for {how.__name__} {where}"


@pytest.mark.parametrize(("chapter", "name"), EXERCISES)
def test_inputs_made_equal_to_the_result_earn_nothing(chapter: str, name: str, course: Course):
    """A function that sets its arguments to 0 and returns 0 must not be compared with them."""
    exercise = course.chapters[chapter].exercises[name]
    names = {
        n: v for n, v in reference_namespace(exercise.chapter).items() if n in exercise.defines
    }
    right = names[name]
    wiped = []

    @functools.wraps(right)
    def wiping(*args: Any, **kwargs: Any) -> Any:
        result = void(right(*args, **kwargs), nothing, None)
        before = plain.pack((args, kwargs), callables=lambda _: 0)
        wipe([*args, *kwargs.values()])
        wiped.append(before != plain.pack((args, kwargs), callables=lambda _: 0))
        return result

    assert not passes(exercise, {**names, name: wiping}, lambda value: value) or not any(wiped)


def _differs(value: Any) -> bool:
    """Whether there is a number in it to replace."""
    try:
        return plain.pack(void(value, not_a_number, None)) != plain.pack(value)
    except plain.NotPlain:
        return False


def passes(exercise: Exercise, names: dict[str, Any], change: Callable[[Any], Any]) -> bool:
    """Whether the hidden test passes a function whose results are changed."""
    right = names[exercise.name]

    @functools.wraps(right)
    def forged(*args: Any, **kwargs: Any) -> Any:
        return change(right(*args, **kwargs))

    body, last = _compiled(exercise.test)
    space = {"__name__": "__main__", **names, exercise.name: forged}
    with _quiet(), _at_most(20):
        np.random.seed(0)
        try:
            exec(body, space)
            value = eval(last, space) if last is not None else None
        except Exception:
            return False
    return not isinstance(value, float | int) or isinstance(value, bool) or value > 0


@contextmanager
def _quiet() -> Iterator[None]:
    nowhere = io.StringIO()
    with redirect_stdout(nowhere), redirect_stderr(nowhere), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _at_most(seconds: int) -> Iterator[None]:
    """A loop that waits for an error to shrink never ends on NaN."""

    def ring(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
