"""Holds a chapter's text to the source format before anything of it runs, and finds its lines."""

from __future__ import annotations

import ast
import re

import nbformat
from jupytext.myst import myst_to_notebook
from nbformat import NotebookNode
from nbgrader.nbgraderformat import MetadataValidator, ValidationError

from autograder.course import (
    Chapter,
    cell_id,
    is_manual,
    is_solution,
    is_test,
    without_hidden_tests,
)
from autograder.errors import UserError

_GRADE_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,59}")
_SOLUTION_MARKS = ("### BEGIN SOLUTION", "### END SOLUTION")
_HIDDEN_MARKS = ("### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS")


def check_source(chapter: Chapter) -> None:
    """Raise UserError, naming file and line, for the first thing that the format does not allow."""
    notebook = chapter.notebook()
    lines = cell_lines(chapter, notebook)
    seen: dict[str, int] = {}
    for cell, line in zip(notebook.cells, lines, strict=True):
        where = f"{chapter.source}, line {line}"
        _check_metadata(cell, where, seen, line)
        _check_marks(cell, where)
    try:
        MetadataValidator().validate_nb(notebook)
        nbformat.validate(notebook)
    except (ValidationError, nbformat.ValidationError) as error:
        raise UserError(f"{chapter.source}: nbgrader metadata: {error}") from error
    _ = chapter.imports
    for name, exercise in chapter.exercises.items():
        where = f"{chapter.source}: exercise {name}"
        if name not in exercise.defines:
            raise UserError(f"{where}: its solution cell must define {name}")
        _check_order(chapter, notebook, name)
        _check_test(exercise.test, name, where)
        if not exercise.cases_file.is_file():
            raise UserError(f"{where} has no {exercise.cases_file.relative_to(chapter.folder)}")
        for answer in exercise.wrong:
            _ = answer.diagnosis
        for answer in (*exercise.wrong, *exercise.right):
            _ = answer.code
    answers = chapter.folder / "answers"
    for folder in sorted(answers.iterdir()) if answers.is_dir() else []:
        if folder.is_dir() and folder.name not in chapter.exercises:
            known = ", ".join(chapter.exercises) or "none"
            raise UserError(f"{folder}: no such exercise in {chapter.source.name}; it has {known}")


def cell_lines(chapter: Chapter, notebook: NotebookNode) -> list[int]:
    """For each cell, the line of the ``.md`` (from 1) on which its first line of source stands."""
    text = chapter.source.read_text(encoding="utf-8")
    starts = myst_to_notebook(text, add_source_map=True).metadata["source_map"]
    lines = [line.rstrip() for line in text.splitlines()]
    if len(starts) != len(notebook.cells):
        raise UserError(
            f"{chapter.source} was changed while it was being read. Run the same command again"
        )
    found = []
    for cell, start in zip(notebook.cells, starts, strict=True):
        source = [line.rstrip() for line in cell.source.splitlines()]
        first = max(start - 1, 0)
        for at in range(first, len(lines) - len(source) + 1):
            if source and lines[at : at + len(source)] == source:
                first = at
                break
        found.append(first + 1)
    return found


def _check_metadata(cell: NotebookNode, where: str, seen: dict[str, int], line: int) -> None:
    data = cell.metadata.get("nbgrader")
    if data is None:
        return
    if not isinstance(data, dict) or not {"grade", "solution", "locked"} <= set(data):
        raise UserError(f"{where}: a cell's nbgrader metadata needs grade, solution and locked")
    name = cell_id(cell)
    if not isinstance(name, str) or not _GRADE_ID.fullmatch(name):
        raise UserError(
            f"{where}: a grade_id is letters, digits and underscores, at most 60: {name!r}"
        )
    if name in seen:
        raise UserError(f"{where}: the grade_id {name} stands on line {seen[name]} already")
    seen[name] = line
    if data["grade"] and not isinstance(data.get("points"), int | float):
        raise UserError(f"{where}: the graded cell {name} needs points")
    if is_test(cell) and not data["locked"]:
        raise UserError(f"{where}: the test cell {name} must have locked: true")


def _check_marks(cell: NotebookNode, where: str) -> None:
    for begin, end, allowed, kind in (
        (*_SOLUTION_MARKS, is_solution(cell), "solution"),
        (*_HIDDEN_MARKS, is_test(cell), "test"),
    ):
        open_ = False
        for line in cell.source.splitlines():
            mark = line.strip()
            if mark not in (begin, end):
                if begin.strip("# ") in mark or end.strip("# ") in mark:
                    raise UserError(f"{where}: write the marker as `{begin}` or `{end}`: {mark!r}")
                continue
            if not allowed:
                raise UserError(
                    f"{where}: `{mark}` in a cell whose nbgrader metadata is not a {kind} cell's"
                )
            if (mark == begin) == open_:
                raise UserError(f"{where}: `{mark}` without its partner before it")
            open_ = mark == begin
        if open_:
            raise UserError(f"{where}: `{begin}` is never followed by `{end}`")
    if is_solution(cell) and _SOLUTION_MARKS[0] not in cell.source:
        what = "the rubric" if is_manual(cell) else "the solution"
        raise UserError(
            f"{where}: put {what} between `{_SOLUTION_MARKS[0]}` and `{_SOLUTION_MARKS[1]}`"
        )


def _check_order(chapter: Chapter, notebook: NotebookNode, name: str) -> None:
    order = [cell_id(cell) for cell in notebook.cells]
    if order.index(name) > order.index(f"test_{name}"):
        raise UserError(f"{chapter.source}: the test cell test_{name} stands before its exercise")


def _check_test(source: str, name: str, where: str) -> None:
    if _HIDDEN_MARKS[0] not in source:
        raise UserError(
            f"{where}: its test cell needs a part between {' and '.join(_HIDDEN_MARKS)}"
        )
    try:
        ast.parse(source)
    except SyntaxError as error:
        raise UserError(f"{where}: test cell, line {error.lineno}: {error.msg}") from error
    visible = without_hidden_tests(source).strip()
    wanted = f"from unrolled import check\n\ncheck({name})"
    if visible != wanted:
        raise UserError(
            f"{where}: the visible part of its test cell must be exactly\n{wanted}\n"
            f"and it is\n{visible}"
        )
