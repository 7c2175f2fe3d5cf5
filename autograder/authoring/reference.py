"""The reference: what a chapter's solution cells define, executed without a kernel.

Answer keys, verification and the grader's "no double jeopardy" all take the right functions from
here. Only the imports cell and the solution cells run, in the chapter's order.
"""

from __future__ import annotations

import builtins
import linecache
import types
from collections.abc import Callable, Mapping
from typing import Any

from autograder.authoring.given import MODULE, given_source
from autograder.course import Chapter
from autograder.errors import UserError


def reference_namespace(chapter: Chapter, replace: Mapping[str, str] | None = None) -> dict:
    """Names after the imports cell and every solution cell have run, in order.

    replace: exercise name -> code that runs in place of its solution cell.

    Nothing depends on the current folder, and nothing is left in ``sys.modules`` or ``sys.path``:
    ``from given import …`` finds this chapter's functions (lifted from the text, so ``given.py``
    need not be built), also in a process that has loaded another chapter's.

    Raises UserError where the chapter's own cells fail, and whatever ``replace``'s code raises.
    """
    replace = dict(replace or {})
    for name in replace:
        if name not in chapter.exercises:
            known = ", ".join(chapter.exercises) or "none"
            raise UserError(f"{chapter.source}: no exercise {name!r} to replace; it has {known}")
    namespace = _fresh(chapter)
    _run_own(chapter, "imports", chapter.imports, namespace)
    for name, exercise in chapter.exercises.items():
        if name in replace:
            run_source(replace[name], namespace, f"<{chapter.name}: {name}, another answer>")
        else:
            _run_own(chapter, name, exercise.solution, namespace)
    return namespace


def run_source(source: str, namespace: dict, filename: str) -> None:
    """Execute text in a namespace; its lines show in tracebacks under ``filename``."""
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    # dont_inherit: this module's own __future__ imports are none of the chapter's business
    exec(compile(source, filename, "exec", dont_inherit=True), namespace)


def _run_own(chapter: Chapter, cell: str, source: str, namespace: dict) -> None:
    try:
        run_source(source, namespace, f"<{chapter.name}: {cell}>")
    except Exception as error:
        number = _line(error, f"<{chapter.name}: {cell}>")
        where = f", line {number} of the cell" if number else ""
        raise UserError(
            f"{chapter.source}: the cell {cell}{where} raised {type(error).__name__}: {error}"
        ) from error


def _line(error: BaseException, filename: str) -> int | None:
    if isinstance(error, SyntaxError):
        return error.lineno
    number, entry = None, error.__traceback__
    while entry is not None:
        if entry.tb_frame.f_code.co_filename == filename:
            number = entry.tb_lineno
        entry = entry.tb_next
    return number


def _fresh(chapter: Chapter) -> dict:
    """An empty namespace in which ``import given`` is this chapter's, now and when called later."""
    text = given_source(chapter)
    given: types.ModuleType | None = None

    def import_(name: str, *args: Any, **options: Any) -> types.ModuleType:
        nonlocal given
        level = options.get("level", args[3] if len(args) > 3 else 0)
        if name != MODULE or level:
            return builtins.__import__(name, *args, **options)
        if text is None:
            raise ModuleNotFoundError(
                f"{chapter.name} is given nothing: name it in course.toml", name=MODULE
            )
        if given is None:
            given = _module(chapter, text, import_)
        return given

    return {"__name__": "__main__", "__doc__": None, "__builtins__": _builtins(import_)}


def _module(chapter: Chapter, text: str, import_: Callable) -> types.ModuleType:
    module = types.ModuleType(MODULE)
    module.__dict__["__builtins__"] = _builtins(import_)
    run_source(text, module.__dict__, f"<{chapter.name}: given.py>")
    return module


def _builtins(import_: Callable) -> dict:
    return {**vars(builtins), "__import__": import_}
