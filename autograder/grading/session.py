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
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass, field
from pathlib import Path
from typing import Any, Literal

from autograder.course import Chapter, Course
from autograder.errors import UserError
from autograder.grading import sandbox as box
from autograder.grading import syscalls
from autograder.grading.cores import Core
from autograder.grading.limits import Limits
from autograder.grading.pipe import Broken, Channel, Closed, Late, PipeError
from autograder.grading.watching import MemoryWatch, pid_of

Status = Literal["passed", "failed", "error", "timeout", "died", "missing"]


@dataclass(frozen=True)
class StudentCell:
    """A code cell as it was handed in. Of a test cell only the place counts, never the source."""

    id: str
    source: str
    kind: Literal["code", "solution", "test"] = "code"


@dataclass(frozen=True)
class CellOutcome:
    """What a cell showed: nbformat 4 outputs as plain dicts, and its execution count."""

    outputs: list[dict[str, Any]] = field(default_factory=list)
    execution_count: int | None = None


@dataclass(frozen=True)
class ExerciseOutcome:
    """The verdict on one exercise.

    status: ``passed``; ``failed`` (a wrong result); ``error`` (the student's function raised);
        ``timeout``; ``died`` (its process ended); ``missing`` (not defined, or not written yet).
    message: one or two sentences for the student; empty where everything is right.
    diagnosis: the name of the known mistake that it matches, or None.
    advice: what ``check`` says of it, where that helps; may hold `code` and several lines.
    """

    points: float
    earned: float
    status: Status
    message: str = ""
    diagnosis: str | None = None
    advice: str = ""


@dataclass(frozen=True)
class Event:
    """Something an instructor may want to know of: a limit reached, a death, a broken protocol.

    kind: ``timeout``, ``died``, ``output``, ``protocol``, ``skipped`` or ``grader``.
    where: id of the cell or name of the exercise; empty for the notebook as a whole.
    """

    kind: str
    where: str
    text: str


@dataclass
class Outcome:
    """Everything that grading a notebook found."""

    chapter: str
    exercises: dict[str, ExerciseOutcome] = field(default_factory=dict)
    cells: dict[str, CellOutcome] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def points(self) -> float:
        return sum(exercise.points for exercise in self.exercises.values())

    @property
    def earned(self) -> float:
        return sum(exercise.earned for exercise in self.exercises.values())


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
        self._students: _Students | None = None
        self._examiners: _Examiners | None = None
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
            self._examiners = _Examiners()
            self._students = _Students(self.sandbox, self.limits, self.course, self._folder)
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

    def grade(self, chapter: Chapter, cells: Sequence[StudentCell]) -> Outcome:
        """Run a notebook and test it; returns within ``limits.total`` whatever the notebook does.

        cells: the code cells in the notebook's order; verdicts rest on the chapter's own tests.
        Raises UserError where the chapter itself cannot be read.
        """
        with self._lock:
            if self._students is None:
                self._start()
            try:
                return self._grade(chapter, cells)
            except _Lost:
                # a warm process was killed from outside (memory, an administrator): start afresh
                self.close()
                self._start()
                return self._grade(chapter, cells)

    def _grade(self, chapter: Chapter, cells: Sequence[StudentCell]) -> Outcome:
        start = time.monotonic()
        self._count += 1
        number = self._count
        job = {
            "root": str(chapter.course.root),
            "chapter": chapter.name,
            "cells": [astuple(cell) for cell in cells],
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


def _modules_ahead(chapter: Chapter) -> tuple[str, ...]:
    """What the warm process imports besides: for a chapter on torch, what torch itself imports at the
    first use of an optimiser, which takes a second.
    """
    with contextlib.suppress(UserError):
        if re.search(r"^\s*(import|from) torch\b", chapter.imports, re.M):
            return ("torch._dynamo",)
    return ()


class _Hearing:
    """Takes down what one examiner reports and gives it processes for the student's code."""

    def __init__(self, outcome: Outcome, channel: Channel, students: _Students):
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
            self.channel.send(("status", fields[0], self.students.end(_PATIENCE)), until=deadline)
        elif kind == "failed":
            raise UserError(fields[0])
        elif kind == "finished":
            self.finished = True

    def event(self, kind: str, where: str, text: str) -> None:
        self.outcome.events.append(Event(kind, where, text))


# ---- the two warm processes ------------------------------------------------------------------------

_READY_SECONDS = 180
_ANSWER_SECONDS = 60
_PATIENCE = 0.2
_SIGNALS = {
    signal.SIGSEGV: "segmentation fault",
    signal.SIGKILL: "killed, perhaps for lack of memory",
    signal.SIGABRT: "aborted",
    signal.SIGBUS: "bus error",
    signal.SIGFPE: "arithmetic fault",
    signal.SIGXCPU: "its processor time was used up",
    signal.SIGXFSZ: "a file grew too large",
}


def _how_it_ended(code: int) -> str:
    if code < 0:
        known = _SIGNALS.get(-code)
        return f"signal {-code}" + (f" ({known})" if known else "")
    return f"exit code {code}"


class _Lost(Exception):
    """A warm process has ended or cannot be understood."""


class _Process:
    """A warm process: Python running one module's ``main`` at the other end of a socket."""

    def __init__(self, prefix: list[str], module: str, arguments: str, environment: dict[str, str]):
        mine, theirs = socket.socketpair()
        code = (
            f"import sys; sys.path += {box.import_paths()!r}; "
            f"from {module} import main; main({arguments}{theirs.fileno()})"
        )
        self.errors = tempfile.TemporaryFile()
        try:
            self.popen = subprocess.Popen(
                [*prefix, sys.executable, "-P", "-c", code],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self.errors,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        finally:
            theirs.close()
        self.channel = Channel(mine)

    def wait_until_ready(self, what: str) -> str:
        """Wait for its first message; UserError with what it wrote where none comes."""
        try:
            message = self.channel.receive(until=time.monotonic() + _READY_SECONDS)
        except PipeError as error:
            text = self.complaint() or str(error)
            self.close()
            raise UserError(f"{what} does not start: {text}") from None
        return message[1]

    def tell(self, message: tuple, descriptor: int | None = None) -> None:
        """Send a request; _Lost where nobody is there to hear it."""
        descriptors = [] if descriptor is None else [descriptor]
        try:
            self.channel.send(message, descriptors=descriptors)
        except PipeError as error:
            raise _Lost(str(error)) from error

    def hear(self, kind: str, number: int) -> tuple[tuple, list[int]]:
        """The answer of this kind to the request with this number; _Lost where there is none."""
        until = time.monotonic() + _ANSWER_SECONDS
        try:
            message, descriptors = self.channel.receive_with_descriptors(until=until)
        except PipeError as error:
            raise _Lost(str(error)) from error
        if message[:2] != (kind, number):
            raise _Lost(f"{message[:2]} where {(kind, number)} was expected")
        return message, descriptors

    def complaint(self) -> str:
        """The last line that it wrote to standard error."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.popen.wait(1)
        self.errors.seek(0)
        lines = self.errors.read()[-4000:].decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""

    def close(self) -> None:
        self.channel.close()
        self.popen.kill()
        self.popen.wait()
        self.errors.close()


class _Examiners:
    """The trusted warm process."""

    def __init__(self):
        environment = {
            **os.environ,
            **{f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")},
            "NBGRADER_EXECUTION": "autograde",
            "MPLBACKEND": "agg",
        }
        self.process = _Process([], "autograder.grading.examiner", "", environment)

    def wait_until_ready(self) -> None:
        self.process.wait_until_ready("the examiner")

    def examine(self, number: int, job: dict[str, Any]) -> Channel:
        """Start an examiner; what it reports comes over the channel."""
        mine, theirs = socket.socketpair()
        try:
            self.process.tell(("examine", number, job), theirs.fileno())
        finally:
            theirs.close()
        return Channel(mine)

    def end(self, number: int) -> None:
        """End an examiner, finished or not."""
        self.process.tell(("end", number))
        self.process.hear("ended", number)

    def close(self) -> None:
        self.process.close()


class _Students:
    """Gives processes for students' code, one at a time, and ends them."""

    def __init__(self, sandbox: str, limits: Limits, course: Course, folder: Path):
        self.limits = limits
        self.folder = folder
        self.hidden = [course.root]
        self.notice = ""
        self.current: _Started | None = None
        self.watch: MemoryWatch | None = None
        self.number = 0
        self.asked: tuple[int, socket.socket, str] | None = None
        self.warming = False
        """Whether the template still has to say that it is ready."""
        self.modules: tuple[str, ...] = ()
        """What the template imports before it starts the next process, unless it has."""
        self.core = Core()
        if sandbox == "none":
            self.mode = "plain"
            self.notice = "no sandbox: students' code runs with your own rights"
        else:
            self.mode = "nested"
        self.process = self.start()
        refusal = self.process.wait_until_ready("the sandbox")
        if refusal:
            self.mode = "single"
            self.notice = (
                f"this host refuses namespaces in the sandbox ({refusal}), so every submission "
                "gets a sandbox of its own: as safe, but some seconds slower each"
            )
            self.process.close()
            self.process = self.start()
            self.warming = True
        if self.mode != "plain" and (why := syscalls.missing()):
            self.notice = "; ".join(
                part
                for part in (
                    self.notice,
                    f"calls of the kernel are not filtered ({why}): the sandbox is as strong as it",
                )
                if part
            )

    def start(self) -> _Process:
        """A new template; in a sandbox unless the mode is ``plain``."""
        prefix, environment = [], box.environment()
        if self.mode == "plain":
            template = self.folder / "template"
            box.make_scratch(str(template))
            environment = box.environment(str(template))
        else:
            prefix = box.bubblewrap_command(self.limits, self.hidden)
        core = None if self.mode == "plain" else self.core.number
        arguments = f"{self.mode!r}, {core!r}, "
        return _Process(prefix, "autograder.grading.template", arguments, environment)

    def prepare(self) -> None:
        """Ask for a process without waiting for it."""
        self.number += 1
        mine, theirs = socket.socketpair()
        folder = str(self.folder / f"student-{self.number}")
        if self.mode != "plain":
            folder = box.SCRATCH
        message = ("spawn", self.number, self.limits.as_plain(), folder, self.modules)
        try:
            self.process.tell(message, theirs.fileno())
        finally:
            theirs.close()
        self.asked = (self.number, mine, folder)

    def begin(self) -> socket.socket:
        """The socket to a new student's process."""
        if self.asked is None:
            self.prepare()
        (number, sock, folder), self.asked = self.asked, None
        if self.warming:
            self.process.wait_until_ready("the sandbox")
            self.warming = False
        message, descriptors = self.process.hear("spawned", number)
        pidfd = descriptors[0] if descriptors else None
        self.current = _Started(number, message[2], pidfd, folder)
        self.watch = self.watching(self.current)
        return sock

    def watching(self, started: _Started) -> MemoryWatch | None:
        """A watch over the memory of the process and of what it starts; none where nobody can tell."""
        if sys.platform != "linux" or (started.pidfd is None and self.mode != "single"):
            return None
        with contextlib.suppress(ProcessLookupError):  # it has ended already
            if self.mode == "single":
                popen = self.process.popen
                return MemoryWatch(popen.pid, self.limits.memory, popen.kill)
            kill = functools.partial(self.kill, started)
            return MemoryWatch(pid_of(started.pidfd), self.limits.memory, kill)
        return None

    def kill(self, started: _Started) -> None:
        """End a student's process; with namespaces of its own, all that it started ends too."""
        if started.pidfd is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(started.pidfd, signal.SIGKILL)
        if self.mode == "plain":
            for kill in (os.killpg, os.kill):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    kill(started.pid, signal.SIGKILL)

    def end(self, patience: float = 0.0) -> str:
        """Kill the current process with all that it started; how it had ended, in words.

        patience: seconds that it gets to die by itself, so that it can be told how it did.
        """
        if self.asked is not None:
            self.begin().close()
        if self.current is None:
            return ""
        started, self.current = self.current, None
        watch, self.watch = self.watch, None
        found = watch.stop() if watch else ""
        if self.mode == "single":
            return self.end_single(patience, found)
        if started.pidfd is not None:
            poll = select.poll()
            poll.register(started.pidfd, select.POLLIN)
            poll.poll(patience * 1000)
        else:
            time.sleep(patience)
        self.kill(started)
        if started.pidfd is not None:
            os.close(started.pidfd)
        self.process.tell(("reap", started.number))
        message, _ = self.process.hear("reaped", started.number)
        if self.mode == "plain":
            shutil.rmtree(started.folder, ignore_errors=True)
        return found or _how_it_ended(message[2])

    def end_single(self, patience: float, found: str) -> str:
        """In this mode the template has become the student: it is replaced as a whole."""
        popen = self.process.popen
        with contextlib.suppress(subprocess.TimeoutExpired):
            popen.wait(patience)
        self.process.close()
        code = popen.returncode
        self.process = self.start()
        self.warming = True
        return found or _how_it_ended(code if code <= 128 else 128 - code)

    def close(self) -> None:
        if self.watch is not None:
            self.watch.stop()
            self.watch = None
        if self.current is not None and self.current.pidfd is not None:
            os.close(self.current.pidfd)
        self.current = None
        if self.asked is not None:
            self.asked[1].close()
            self.asked = None
        self.process.close()
        self.core.release()


@dataclass(frozen=True)
class _Started:
    """A student's process as the template described it."""

    number: int
    pid: int
    pidfd: int | None
    folder: str
