"""Grades the corpus as `autograder grade` does, in one batch, and keeps what is to be looked at."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from traitlets.config import Config

from autograder import course as model
from autograder.course import Chapter
from autograder.grading.grade_command import Options, grade_class
from autograder.grading.handed_in import clean_student
from autograder.grading.recording import Record, default_db, notebook_path, open_gradebook
from tests.hostile.corpus import LIMITS, Attack, Honest, hand_in, seating
from tests.hostile.vault import NAME, POINTS, SECRETS, build


@dataclass(frozen=True)
class Case:
    """One graded submission of the class."""

    student: str
    work: Attack | Honest
    record: Record
    graded: GradedClass

    @cached_property
    def feedback(self) -> str:
        """The HTML page that the student is given."""
        return self.feedback_file.read_text(encoding="utf-8")

    @property
    def feedback_file(self) -> Path:
        return self.graded.root / "feedback" / self.student / NAME / f"{NAME}.html"

    @cached_property
    def autograded(self) -> NotebookNode:
        """The executed notebook that an instructor opens in formgrader."""
        path = notebook_path(self.graded.chapter, self.graded.root, self.student)
        return nbformat.read(path, as_version=4)

    @property
    def shown(self) -> str:
        """All that the student can come to see: the page, and what the notebook's cells showed.

        The restored tests in the executed notebook are for the instructor alone.
        """
        cells = [
            (None if model.is_test(cell) else cell.source, cell.get("outputs"))
            for cell in self.autograded.cells
        ]
        return f"{self.feedback}\n{cells}"

    @property
    def earned(self) -> dict[str, float]:
        return {name: result.earned for name, result in self.record.exercises.items()}

    @property
    def told(self) -> set[str]:
        """Kinds of what the instructor's page tells about this submission."""
        kinds = {finding.kind for finding in (*self.record.findings, *self.record.events)}
        return kinds | ({"problem"} if self.record.problem else set())

    def outcome(self) -> str:
        """What came of it, in a few words, for the table."""
        taken = [name for name, points in self.earned.items() if points < POINTS[name]]
        words = [f"{sum(self.earned.values()):g} of {sum(POINTS.values()):g} points"]
        if self.record.reason:
            words.append(self.record.reason)
        elif taken:
            words.append("none for " + ", ".join(taken))
        if self.told:
            words.append("told: " + ", ".join(sorted(self.told)))
        return "; ".join(words)


@dataclass(frozen=True)
class GradedClass:
    """The whole class after grading."""

    root: Path
    chapter: Chapter
    cases: dict[str, Case]
    """By the name of the attack; honest neighbours by their folder's name."""
    report: str
    """The instructor's page."""
    seconds: float

    @property
    def hostile(self) -> Iterator[Case]:
        return (case for case in self.cases.values() if isinstance(case.work, Attack))

    @property
    def honest(self) -> Iterator[Case]:
        return (case for case in self.cases.values() if isinstance(case.work, Honest))


def options(root: Path) -> Options:
    """The options under which the corpus is graded."""
    return Options(out=root, limits=LIMITS, jobs=2)


def graded(root: Path) -> GradedClass:
    """Hand in the corpus in a course in ``root``, grade it, and return what came of it."""
    chapter = build(root)
    folder = root / "handed in"
    hand_in(chapter, folder)
    began = time.monotonic()
    with _secret_environment():
        summary = grade_class(chapter, folder, options(root))
    seconds = time.monotonic() - began
    records = {record.student: record for record in summary.records}
    result = GradedClass(root, chapter, {}, summary.report.read_text("utf-8"), seconds)
    for place, work in seating():
        student = getattr(work, "recorded_as", None) or clean_student(place)
        name = work.name if isinstance(work, Attack) else student
        result.cases[name] = Case(student, work, records[student], result)
    return result


@contextmanager
def _secret_environment() -> Iterator[None]:
    """What stands in the environment of whoever grades is a secret too."""
    os.environ["DATABASE_PASSWORD"] = SECRETS["the grader's environment"]
    try:
        yield
    finally:
        del os.environ["DATABASE_PASSWORD"]


def gradebook_scores(result: GradedClass) -> dict[str, float]:
    """Scores by student, as nbgrader reads them."""
    book = open_gradebook(default_db(result.root), Config())
    try:
        return {row["student"]: row["score"] for row in book.submission_dicts(NAME)}
    finally:
        book.close()
