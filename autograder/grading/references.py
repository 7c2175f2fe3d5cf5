"""No double jeopardy: the right functions that stand in for a student's while others are tested.

They run in the examiner's process. The student's process gets functions that call back here, so no
line of a solution ever enters it.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograder.course import Chapter
from unrolled import plain


def stand_ins(chapter: Chapter, exercises: Iterable[str]) -> dict[str, Any]:
    """What the named exercises define, from the chapter's own solution: name -> function or value.

    Left out, so that the student's own stay: classes, whose instances cannot live in two processes,
    names that start with an underscore, and values that are not plain data.
    """
    from autograder.authoring.reference import reference_namespace

    namespace = reference_namespace(chapter)
    found: dict[str, Any] = {}
    for exercise in exercises:
        for name in chapter.exercises[exercise].defines:
            value = namespace.get(name)
            if name.startswith("_") or value is None or isinstance(value, type):
                continue
            if callable(value):
                found[name] = _with_own_randomness(value)
            elif _is_plain(value):
                found[name] = value
    return found


def _is_plain(value: Any) -> bool:
    try:
        plain.pack(value)
    except plain.NotPlain:
        return False
    return True


def _with_own_randomness(function: Callable) -> Callable:
    """The function on a global random state of its own, the same in every test.

    A test that draws from the global generators then sees the same numbers whether the student's
    function calls this one never, once or often.
    """

    def stand_in(*args: Any, **kwargs: Any) -> Any:
        torch = sys.modules.get("torch")
        kept = random.getstate(), np.random.get_state()
        kept_torch = torch.get_rng_state() if torch is not None else None
        try:
            return function(*args, **kwargs)
        finally:
            random.setstate(kept[0])
            np.random.set_state(kept[1])
            if kept_torch is not None:
                torch.set_rng_state(kept_torch)

    return stand_in
