"""Grading one notebook after another: the worker's side.

    with Grader(course) as grader:
        outcome = grader.grade(chapter, cells)

A ``Grader`` keeps two warm processes. One, sandboxed, forks a process for each submission in which
the student's code runs. The other, trusted, forks an examiner for each submission, which runs the
tests. The two speak over a socket that the worker made for them; the worker itself runs no code of
a student or of a chapter, so it may be a thread of anything.
"""

from __future__ import annotations

import contextlib
import functools
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Collection, Sequence
from dataclasses import asdict, astuple
from pathlib import Path
from typing import Literal

from nbformat import NotebookNode

from autograder.course import Chapter, Course, is_test
from autograder.errors import UserError
from autograder.grading.limits import Limits
from autograder.grading.outcome import CellOutcome, Event, ExerciseOutcome, Outcome, StudentCell
from autograder.grading.pipe import Broken, Channel, Closed, Late
from autograder.grading.processes import PATIENCE, Examiners, Lost, Students

_IMPORTS_TORCH = re.compile(r"^\s*(import|from) torch\b", re.MULTILINE)


class Grader:
    """Grades notebooks one after another; a context manager.

    course: the course whose chapters are graded; its folder stays invisible to students' code.
    sandbox: ``bwrap``, or ``none`` for hosts without bubblewrap and code that is trusted: limits
        and separate processes then remain, but student code can read and write what you can.
    limits: how much one submission may use.

    Starting takes some seconds (libraries are imported); a ``UserError`` says where the sandbox
    cannot be had. One Grader grades one submission at a time; use one in each worker process. It
    must live in a thread that lasts as long as itself: the kernel ends its processes with that
    thread.
    """

    def __init__(
        self,
        course: Course,
        sandbox: Literal["bwrap", "none"] = "bwrap",
        limits: Limits | None = None,
    ):
        if sandbox not in ("bwrap", "none"):
            raise UserError(f"the sandbox is `bwrap` or `none`, not {sandbox!r}")
        self.course = course
        self.sandbox = sandbox
        self.limits = limits or Limits()
        self._lock = threading.Lock()
        self._folder: Path | None = None
        self._students: Students | None = None
        self._examiners: Examiners | None = None
        self._count = 0

    def __enter__(self) -> Grader:
        self._start()
        return self

    def __exit__(self, *exception) -> None:
        self.close()

    @property
    def mode(self) -> str:
        """How students' processes are kept apart: ``nested``, ``single`` or ``plain``.

        ``single`` is the slower way on hosts that refuse namespaces inside the sandbox: a sandbox
        of its own for each submission. ``plain`` is ``sandbox="none"``.
        """
        return self._students.mode if self._students else ""

    @property
    def notice(self) -> str:
        """What whoever runs the grader should know of the way it works here; often empty."""
        return self._students.notice if self._students else ""

    def _start(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="autograder-"))
        try:
            self._examiners = Examiners()
            self._students = Students(self.sandbox, self.limits, self.course, self._folder)
            self._examiners.wait_until_ready()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End every process and remove what they wrote."""
        for part in (self._students, self._examiners):
            if part is not None:
                part.close()
        self._students = self._examiners = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def grade(
        self, chapter: Chapter, cells: Sequence[StudentCell], only: Collection[str] | None = None
    ) -> Outcome:
        """Run a notebook and test it; returns within ``limits.total`` whatever the notebook does.

        cells: the code cells in the notebook's order; verdicts rest on the chapter's own tests.
        only: the exercises to test, all for none; the others are taken to be right.
        Raises UserError where the chapter itself cannot be read.
        """
        with self._lock:
            if self._students is None:
                self._start()
            try:
                return self._grade(chapter, cells, only)
            except Lost:
                # a warm process was killed from outside (memory, an administrator): start afresh
                self.close()
                self._start()
                return self._grade(chapter, cells, only)

    def _grade(
        self, chapter: Chapter, cells: Sequence[StudentCell], only: Collection[str] | None
    ) -> Outcome:
        start = time.monotonic()
        self._count += 1
        number = self._count
        job = {
            "root": str(chapter.course.root),
            "chapter": chapter.name,
            "cells": [astuple(cell) for cell in cells],
            "only": None if only is None else list(only),
            "limits": asdict(self.limits),
            "folder": str(self._folder / f"examiner-{number}"),
        }
        outcome = Outcome(chapter.name)
        with contextlib.ExitStack() as cleanup:
            cleanup.callback(shutil.rmtree, job["folder"], ignore_errors=True)
            self._students.modules = _modules_ahead(chapter)
            self._students.prepare()
            channel = self._examiners.examine(number, job)
            cleanup.callback(channel.close)
            cleanup.callback(self._students.end)
            cleanup.callback(self._examiners.end, number)
            _Hearing(outcome, channel, self._students).until(start + self.limits.total)
        outcome.seconds = time.monotonic() - start
        return outcome


@functools.lru_cache(maxsize=32)
def _modules_ahead(chapter: Chapter) -> tuple[str, ...]:
    """What the warm process imports besides, for a chapter whose notebook imports torch.

    Where all of it is on torch, that is also what torch itself imports at the first use of an
    optimiser, which takes a second.
    """
    ahead = []
    with contextlib.suppress(UserError):
        code = "\n".join(c.source for c in chapter.notebook().cells if _is_for_students(c))
        if _IMPORTS_TORCH.search(code):
            ahead.append("torch")
        if "step_times" in code:
            ahead.append("unrolled.step_times")
        if _IMPORTS_TORCH.search(chapter.imports):
            ahead.append("torch._dynamo")
    return tuple(ahead)


def _is_for_students(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and not is_test(cell)


class _Hearing:
    """Takes down what one examiner reports and gives it processes for the student's code."""

    def __init__(self, outcome: Outcome, channel: Channel, students: Students):
        self.outcome = outcome
        self.channel = channel
        self.students = students
        self.points: dict[str, float] = {}
        self.finished = False

    def until(self, deadline: float) -> None:
        """Listen until the examiner has finished, is gone, or the time is over."""
        status, why = "error", "could not be tested; your instructor has been told"
        try:
            while not self.finished:
                self.hear(self.channel.receive(until=deadline), deadline)
        except Late:
            status, why = "timeout", "not tested: the notebook took too long"
            self.event("timeout", "", "stopped: the time for the whole notebook is used up")
        except (Closed, Broken) as error:
            self.event("grader", "", f"the examiner ended before it had finished: {error}")
        for name, points in self.points.items():
            self.outcome.exercises.setdefault(name, ExerciseOutcome(points, 0.0, status, why))

    def hear(self, message: tuple, deadline: float) -> None:
        kind, *fields = message
        if kind == "plan":
            self.points = fields[0]
        elif kind == "cell":
            cell, outputs, count = fields
            self.outcome.cells[cell] = CellOutcome(outputs, count)
        elif kind == "exercise":
            name, earned, status, text, diagnosis, advice = fields
            self.outcome.exercises[name] = ExerciseOutcome(
                self.points[name], earned, status, text, diagnosis, advice
            )
        elif kind == "event":
            self.event(*fields)
        elif kind == "student":
            sock = self.students.begin()
            self.channel.send(("socket", fields[0]), until=deadline, descriptors=[sock.fileno()])
            sock.close()
        elif kind == "ended":
            self.channel.send(("status", fields[0], self.students.end(PATIENCE)), until=deadline)
        elif kind == "failed":
            raise UserError(fields[0])
        elif kind == "finished":
            self.finished = True

    def event(self, kind: str, where: str, text: str) -> None:
        self.outcome.events.append(Event(kind, where, text))
