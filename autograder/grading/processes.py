"""The two warm processes of a grader, each of which forks one process for every submission.

``Students`` speaks to the template in the sandbox, from which come the processes that run students'
code: it places them on a core, watches their memory and ends them. ``Examiners`` speaks to the trusted
one, from which come those that run the tests.
"""

from __future__ import annotations

import contextlib
import functools
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course import Course
from autograder.errors import UserError
from autograder.grading import sandbox as box
from autograder.grading import syscalls
from autograder.grading.cores import Core
from autograder.grading.limits import Limits
from autograder.grading.pipe import Channel, PipeError
from autograder.grading.watching import MemoryWatch, pid_of

_READY_SECONDS = 180
_ANSWER_SECONDS = 60
PATIENCE = 0.2
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


class Lost(Exception):
    """A warm process has ended or cannot be understood."""


class WarmProcess:
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
        """Send a request; Lost where nobody is there to hear it."""
        descriptors = [] if descriptor is None else [descriptor]
        try:
            self.channel.send(message, descriptors=descriptors)
        except PipeError as error:
            raise Lost(str(error)) from error

    def hear(self, kind: str, number: int) -> tuple[tuple, list[int]]:
        """The answer of this kind to the request with this number; Lost where there is none."""
        until = time.monotonic() + _ANSWER_SECONDS
        try:
            message, descriptors = self.channel.receive_with_descriptors(until=until)
        except PipeError as error:
            raise Lost(str(error)) from error
        if message[:2] != (kind, number):
            raise Lost(f"{message[:2]} where {(kind, number)} was expected")
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


class Examiners:
    """The trusted warm process."""

    def __init__(self):
        environment = {
            **os.environ,
            **{f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")},
            "NBGRADER_EXECUTION": "autograde",
            "MPLBACKEND": "agg",
        }
        self.process = WarmProcess([], "autograder.grading.examiner", "", environment)

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


class Students:
    """Gives processes for students' code, one at a time, and ends them."""

    def __init__(self, sandbox: str, limits: Limits, course: Course, folder: Path):
        self.limits = limits
        self.folder = folder
        self.hidden = [course.root]
        self.current: Started | None = None
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
            notices = ["no sandbox: students' code runs with your own rights"]
        else:
            self.mode = "nested"
            notices = []
            if why := syscalls.missing():
                notices.append(
                    f"calls of the kernel are not filtered ({why}), so a hole in it is one in the sandbox"
                )
        self.process = self.start()
        refusal = self.process.wait_until_ready("the sandbox")
        if refusal:
            self.mode = "single"
            notices.append(
                f"this host refuses namespaces in the sandbox ({refusal}), so every submission "
                "gets a sandbox of its own: as safe, but some seconds slower each"
            )
            self.process.close()
            self.process = self.start()
            self.warming = True
        self.notice = "; ".join(notices)
        """What whoever runs the grader should know; often empty."""

    def start(self) -> WarmProcess:
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
        return WarmProcess(prefix, "autograder.grading.template", arguments, environment)

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
        self.current = Started(number, message[2], pidfd, folder)
        self.watch = self.watching(self.current)
        return sock

    def watching(self, started: Started) -> MemoryWatch | None:
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

    def kill(self, started: Started) -> None:
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
class Started:
    """A student's process as the template described it."""

    number: int
    pid: int
    pidfd: int | None
    folder: str
