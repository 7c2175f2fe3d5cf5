"""The answer key of a chapter: its cases, run through the solution and every known mistake."""

from __future__ import annotations

import dataclasses
import runpy
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.authoring.reference import reference_namespace
from autograder.course import Answer, Chapter, Exercise
from autograder.errors import UserError
from unrolled.diagnosis import judge
from unrolled.key import ExerciseKey, make_exercise_key
from unrolled.outcomes import read_cases


class AnswerFault(Exception):
    """An answer that is not what its folder says; the message names the file and what to do."""


def chapter_key(chapter: Chapter) -> dict[str, ExerciseKey]:
    """Exercise name -> key, each proven on the answers that it was made from.

    Every wrong answer must differ from the solution on some case and be told apart from every
    other; every right answer must be accepted. Raises AnswerFault where one is not, UserError
    where ``cases.py`` or an answer cannot be run at all.
    """
    return {exercise.name: exercise_key(exercise) for exercise in chapter.exercises.values()}


def exercise_key(exercise: Exercise) -> ExerciseKey:
    """One exercise's key; see ``chapter_key``."""
    solution = reference_namespace(exercise.chapter)[exercise.name]
    wrong = {answer.name: answer for answer in exercise.wrong}
    functions = {name: _function(exercise, answer) for name, answer in wrong.items()}
    try:
        spec, cases = read_cases(exercise.name, _run_cases(exercise))
        key = make_exercise_key(
            spec,
            cases,
            solution,
            {name: (wrong[name].diagnosis, function) for name, function in functions.items()},
        )
    except ValueError as error:
        raise UserError(f"{exercise.cases_file}: {error}") from error
    verdict = judge(solution, key)
    if not verdict.right:
        raise AnswerFault(
            f"{exercise.chapter.source}: the solution of {exercise.name} is refused by its own "
            f"key: {verdict.text} (does it give the same result twice?)"
        )
    for name, function in functions.items():
        _prove_wrong(exercise, wrong, name, function, key)
    for answer in exercise.right:
        verdict = judge(_function(exercise, answer), key)
        if not verdict.right:
            raise AnswerFault(f"{answer.path}: a right answer is refused: {verdict.text}")
    return key


def same_keys(old: dict[str, ExerciseKey], new: dict[str, ExerciseKey]) -> bool:
    """Whether two keys are the same up to the rounding in which processors differ."""
    return list(old) == list(new) and _same(old, new)


def _prove_wrong(
    exercise: Exercise, wrong: dict[str, Answer], name: str, function: Callable, key: ExerciseKey
) -> None:
    path = wrong[name].path
    verdict = judge(function, key)
    if verdict.right:
        raise AnswerFault(
            f"{path}: this wrong answer gives the solution's results on every case; add a case to "
            f"{exercise.cases_file} on which it does not, or remove it"
        )
    if verdict.diagnosis == name:
        return
    if verdict.diagnosis is None:
        raise AnswerFault(
            f"{path}: this wrong answer is not recognised by its own outcomes; it must do the same "
            "on every call"
        )
    raise AnswerFault(
        f"{path}: cannot be told apart from {wrong[verdict.diagnosis].path.name} on any case; add "
        f"a case to {exercise.cases_file} on which they differ, or remove one"
    )


def _function(exercise: Exercise, answer: Answer) -> Callable:
    try:
        namespace = reference_namespace(exercise.chapter, {exercise.name: answer.code})
    except UserError:
        raise
    except Exception as error:
        raise UserError(f"{answer.path}: cannot be run: {type(error).__name__}: {error}") from error
    if not callable(namespace.get(exercise.name)):
        raise UserError(f"{answer.path}: does not define {exercise.name}")
    return namespace[exercise.name]


def _run_cases(exercise: Exercise) -> dict[str, Any]:
    """What ``cases.py`` binds, its cases already made, so that all it can raise is named here."""
    path = exercise.cases_file
    try:
        names = runpy.run_path(str(path))
        cases = list(names["cases"]()) if callable(names.get("cases")) else None
    except Exception as error:
        raise UserError(f"{path}: raised {type(error).__name__}: {error}") from error
    return names if cases is None else {**names, "cases": lambda: cases}


def _same(old: Any, new: Any) -> bool:
    if type(old) is not type(new):
        return False
    if dataclasses.is_dataclass(old):
        return all(
            _same(getattr(old, part.name), getattr(new, part.name))
            for part in dataclasses.fields(old)
            if part.compare
        )
    if isinstance(old, dict):
        return list(old) == list(new) and all(_same(old[name], new[name]) for name in old)
    if isinstance(old, list | tuple):
        return len(old) == len(new) and all(map(_same, old, new))
    if hasattr(old, "detach"):
        return old.dtype == new.dtype and _same(old.detach().numpy(), new.detach().numpy())
    if isinstance(old, np.ndarray | np.generic | float | complex):
        return _close(np.asarray(old), np.asarray(new))
    if isinstance(old, np.random.Generator):
        return old.bit_generator.state == new.bit_generator.state
    return old == new


def _close(old: np.ndarray, new: np.ndarray) -> bool:
    if old.dtype != new.dtype or old.shape != new.shape:
        return False
    if old.dtype.kind not in "fc":
        return bool(np.array_equal(old, new))
    eps = float(np.finfo(old.dtype).eps)
    finite = np.abs(old[np.isfinite(old)])
    scale = float(finite.max()) if finite.size else 1.0
    # a difference quotient loses half of the digits, and then two processors agree on no more
    return bool(np.allclose(old, new, rtol=eps**0.5, atol=eps**0.5 * scale, equal_nan=True))
