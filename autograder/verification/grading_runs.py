"""Runs notebooks and answers through the grader, as a submission would go."""

from __future__ import annotations

import contextlib
import dataclasses
import math
import queue
import shutil
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course import Answer, Chapter, Course, Exercise
from autograder.grading.handed_in import File, HandedIn
from autograder.grading.intake import GradedForm, read, student_cells
from autograder.grading.outcome import Outcome, StudentCell
from autograder.grading.session import Grader

_WORTH_A_GRADER = 10
"""Submissions that take about as long as a grader takes to start."""
# what makes a run incomplete; a long output, for one, does not
_SERIOUS = frozenset({"timeout", "died", "protocol", "skipped", "grader"})


@dataclass(frozen=True)
class GradedExercise:
    points: float
    earned: float
    status: str
    message: str

    @property
    def all_earned(self) -> bool:
        return self.status == "passed" and self.earned >= self.points


@dataclass(frozen=True)
class Graded:
    """What the grader made of a notebook.

    problems: why it did not run to its end, as sentences.
    raised: id of a cell -> the exception that it ended with.
    """

    exercises: dict[str, GradedExercise]
    problems: list[str]
    raised: dict[str, str]

    @property
    def earned(self) -> float:
        return sum(exercise.earned for exercise in self.exercises.values())

    def as_plain(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    @classmethod
    def from_plain(cls, data: dict[str, Any]) -> Graded:
        exercises = {n: GradedExercise(**part) for n, part in data["exercises"].items()}
        return cls(exercises, data["problems"], data["raised"])


@dataclass(frozen=True, eq=False)
class Submission:
    """Something to grade.

    what: ``solution``, ``unsolved``, or an exercise and an answer to it.
    texts: what its cells are made of, beside the chapter's exercises.
    make_cells: makes them, which for some takes seconds.
    tested: the exercises that are tested, all for none.
    """

    chapter: Chapter
    what: tuple[Exercise, Answer] | str
    texts: tuple[str, ...]
    make_cells: Callable[[], Sequence[StudentCell]]
    tested: frozenset[str] | None = None


def solution_submission(chapter: Chapter) -> Submission:
    """The whole notebook as its author wrote it."""
    texts = (_text(chapter.source),)
    return Submission(chapter, "solution", texts, lambda: student_cells(chapter.notebook()))


def unsolved_submission(chapter: Chapter) -> Submission:
    """The released notebook, handed in untouched; where it is not built, what a build would release."""
    path = chapter.released_notebook

    def make_cells() -> Sequence[StudentCell]:
        form = GradedForm(chapter)
        if not path.is_file():
            return student_cells(form.notebook)
        return read(HandedIn("student-001", [File(path.name, path)]), form).cells

    settings = chapter.course.root / "nbgrader_config.py"
    texts = (_text(chapter.source), _text(path), _text(settings))
    return Submission(chapter, "unsolved", texts, make_cells)


def answer_submission(exercise: Exercise, answer: Answer) -> Submission:
    """The chapter's imports, solutions and tests, with one answer in its solution's place.

    Each test runs where it stands, so an answer can cost points from its own exercise on: the
    exercises before it are not tested again for every answer, the solution's run does that.
    """
    chapter = exercise.chapter
    code = answer.code
    names = list(chapter.exercises)
    tested = frozenset(names[names.index(exercise.name) :])

    def make_cells() -> Sequence[StudentCell]:
        cells = [StudentCell("imports", chapter.imports, "code")]
        for name, other in chapter.exercises.items():
            source = code if other is exercise else other.solution
            cells.append(StudentCell(name, source, "solution"))
            cells.append(StudentCell(other.test_id, other.test, "test"))
        return cells

    return Submission(chapter, (exercise, answer), (exercise.name, code), make_cells, tested)


def _text(path: Path) -> str:
    """A file's text; empty where there is none."""
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


class Graders:
    """Several graders at work at once, each with its own warm processes; a context manager.

    They start with the first submission. The answers are the course's own code, so where there is
    no sandbox they run without one.
    """

    def __init__(self, course: Course, jobs: int):
        self.course = course
        self.jobs = jobs
        sandboxed = sys.platform == "linux" and shutil.which("bwrap") is not None
        self.sandbox = "bwrap" if sandboxed else "none"
        self._waiting: queue.SimpleQueue[Submission | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[tuple[Submission, Graded] | BaseException]
        self._done = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Graders:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                self._waiting.get_nowait()
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join()

    def run(self, submissions: Iterable[Submission]) -> Iterator[tuple[Submission, Graded]]:
        """Grade all, and yield each with its result as they end."""
        total = 0
        for submission in submissions:
            self._waiting.put(submission)
            total += 1
        # a grader's processes end with the thread that started it, so each thread keeps its own
        while len(self._threads) < min(self.jobs, math.ceil(total / _WORTH_A_GRADER)):
            self._threads.append(threading.Thread(target=self._work, daemon=True))
            self._threads[-1].start()
        for _ in range(total):
            result = self._done.get()
            if isinstance(result, BaseException):
                raise result
            yield result

    def _work(self) -> None:
        try:
            with Grader(self.course, sandbox=self.sandbox) as grader:
                while (submission := self._waiting.get()) is not None:
                    cells = submission.make_cells()
                    outcome = grader.grade(submission.chapter, cells, submission.tested)
                    self._done.put((submission, _graded(cells, outcome)))
        except BaseException as error:  # raised again where the results are read
            self._done.put(error)


def _graded(cells: Sequence[StudentCell], outcome: Outcome) -> Graded:
    problems = [
        f"{event.where}: {event.text}" if event.where else event.text
        for event in outcome.events
        if event.kind in _SERIOUS
    ]
    raised = {}
    for cell in cells:
        if cell.kind == "test" or not cell.source.strip():
            continue
        shown = outcome.cells.get(cell.id)
        if shown is None:
            problems.append(f"the cell {cell.id} did not run")
            continue
        for output in shown.outputs:
            if output.get("output_type") == "error":
                raised[cell.id] = f"{output.get('ename')}: {output.get('evalue')}"[:300]
    exercises = {
        name: GradedExercise(part.points, part.earned, part.status, part.message)
        for name, part in outcome.exercises.items()
    }
    return Graded(exercises, problems, raised)
