"""What can be said of a chapter without running it: its points, its tests' form, its answers."""

from __future__ import annotations

import functools
import math
import tomllib
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from autograder.course import Chapter, Exercise, cell_id, is_test
from autograder.errors import UserError
from autograder.verification import selfcontained
from autograder.verification.results import Finding

ENOUGH_WRONG, ENOUGH_RIGHT = 5, 2


@dataclass(frozen=True, eq=False)
class Text:
    """A chapter's text with the lines of its cells."""

    chapter: Chapter

    def where(self, cell: str | None = None, line: int = 1) -> str:
        """File and line, for a line (from 1) of the cell that has this ``grade_id``."""
        shown = shown_path(self.chapter, self.chapter.source)
        start = self._starts.get(cell) if cell else None
        return shown if start is None else f"{shown}, line {start + line - 1}"

    @functools.cached_property
    def notebook(self) -> NotebookNode:
        return self.chapter.notebook()

    @functools.cached_property
    def _starts(self) -> dict[str | None, int]:
        # it imports nbgrader, which takes a second; most runs have no line to tell
        from autograder.authoring.sources import cell_lines

        lines = cell_lines(self.chapter, self.notebook)
        return {cell_id(c): n for c, n in zip(self.notebook.cells, lines, strict=True)}


def shown_path(chapter: Chapter, path: Path) -> str:
    """A path as it is printed: from the course's folder."""
    return str(path.relative_to(chapter.course.root))


def refusals(text: Text, names: set[str]) -> tuple[list[Finding], bool]:
    """What is refused, and whether the chapter can be run all the same.

    names: the exercises to look at, all for none.
    """
    found, runs = [], True
    for cell in text.notebook.cells:
        if cell.cell_type == "code" and is_test(cell) and not _has_points(cell):
            points = cell.metadata.nbgrader.get("points")
            where = text.where(cell_id(cell))
            found.append(
                Finding(where, f"{cell_id(cell)}: its points must be a number above 0: {points!r}")
            )
            runs = False
    if not runs:
        return found, False
    for name, exercise in text.chapter.exercises.items():
        if names and name not in names:
            continue
        if name not in exercise.defines:
            found.append(Finding(text.where(name), f"the solution cell must define {name}"))
            runs = False
        for problem in selfcontained.problems(exercise):
            where = text.where(exercise.test_id, problem.line)
            found.append(Finding(where, f"{exercise.test_id}: {problem.text}"))
            runs = runs and not problem.stops
    return found, runs


def _has_points(cell: NotebookNode) -> bool:
    points = cell.metadata.nbgrader.get("points")
    if isinstance(points, bool) or not isinstance(points, int | float):
        return False
    return math.isfinite(points) and points > 0


def count_warnings(exercise: Exercise) -> list[Finding]:
    """A core exercise has at least five wrong answers and two right ones."""
    where = shown_path(exercise.chapter, exercise.answers)
    found = []
    for kind, answers, enough in (
        ("wrong", exercise.wrong, ENOUGH_WRONG),
        ("right", exercise.right, ENOUGH_RIGHT),
    ):
        if len(answers) < enough:
            s = "s" if len(answers) != 1 else ""
            found.append(
                Finding(
                    where,
                    f"{len(answers)} {kind} answer{s} for {exercise.name}; a core exercise has at "
                    f"least {enough}",
                )
            )
    return found


def dims_warning(exercise: Exercise, dims: list[dict[str, int]]) -> list[Finding]:
    """A shape can be told by its numbers only where the sizes in a case are all different."""
    several = [case for case in dims if len(case) > 1]
    if not several or any(len(set(case.values())) == len(case) for case in several):
        return []
    where = shown_path(exercise.chapter, exercise.cases_file)
    return [
        Finding(
            where,
            "no case has sizes that are all different, so check cannot name a wrong shape "
            f"({', '.join(several[0])})",
        )
    ]


def read_equivalent(exercise: Exercise) -> dict[str, str]:
    """Mutant's description -> why nobody can kill it; empty where there is no file."""
    path = exercise.equivalent_file
    if not path.is_file():
        return {}
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: {error}") from error
    for description, why in data.items():
        if not isinstance(why, str) or not why.strip():
            raise UserError(f"{path}: give a reason, in quotes, for {description!r}")
    return data


def toml_line(description: str) -> str:
    """A line for ``equivalent.toml``, its reason still to be written."""
    if "'" not in description:
        return f"'{description}' = \"…\""
    escaped = description.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}" = "…"'
