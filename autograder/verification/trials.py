"""Runs the course's own code, each trial in a forked process with limits: the caller's side.

with TrialServer(course, jobs=4) as server:
    for trial, answer in server.run(trials):
        ...
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from autograder.course import Course, Exercise
from autograder.errors import UserError

_ENVIRONMENT = {
    **{f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")},
    "MPLBACKEND": "Agg",
    "PYTHONHASHSEED": "0",
    "CUDA_VISIBLE_DEVICES": "",
    "NBGRADER_EXECUTION": "autograde",
    "TQDM_DISABLE": "1",
}


@dataclass(frozen=True, eq=False)
class Trial:
    """Something to run.

    kind: ``test`` runs the exercise's test on ``code``; ``time`` runs it on the solution, and says
        in the details' ``again`` how long that takes; ``check`` holds ``check`` to every answer.
    code: takes the solution cell's place.
    seconds: processor time that it may take.
    """

    exercise: Exercise
    kind: Literal["test", "time", "check"]
    seconds: float
    code: str | None = None


@dataclass(frozen=True)
class TrialAnswer:
    """What came of a trial.

    verdict: of a test, timed or not, ``passed``, ``failed``, ``timeout`` or ``died``; of a check ``done``,
        ``timeout`` or ``died``; of both ``fault``, with a message, where the course's own files do
        not allow it.
    cpu: seconds of processor time.
    """

    verdict: str
    message: str
    cpu: float
    details: dict[str, Any]


class TrialServer:
    """One process that has imported everything and forks a process for each trial.

    A context manager; the process starts with the first trial.
    """

    def __init__(self, course: Course, jobs: int):
        self.course = course
        self.jobs = jobs
        self._started = contextlib.ExitStack()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> TrialServer:
        return self

    def __exit__(self, *_: object) -> None:
        self._started.close()
        self._process = None

    def _start(self) -> subprocess.Popen[bytes]:
        if not hasattr(os, "fork"):
            raise UserError("verify forks processes: use Linux, macOS or Windows' WSL")
        folder = self._started.enter_context(tempfile.TemporaryDirectory(prefix="trials-"))
        environment = {n: v for n, v in os.environ.items() if n != "UNROLLED_KEY"} | _ENVIRONMENT
        process = subprocess.Popen(
            [sys.executable, "-m", "autograder.verification.trial_server", str(self.jobs)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=folder,
            env=environment,
        )
        self._started.callback(_stop, process)
        return process

    def run(self, trials: Iterable[Trial]) -> Iterator[tuple[Trial, TrialAnswer]]:
        """Run all trials, several at once, and yield each with its answer as they end.

        Raises UserError where the server itself fails.
        """
        waiting = dict(enumerate(trials))
        if not waiting:
            return
        if self._process is None:
            self._process = self._start()
        tasks = [
            {
                "id": number,
                "kind": trial.kind,
                "root": str(self.course.root),
                "chapter": trial.exercise.chapter.name,
                "exercise": trial.exercise.name,
                "code": trial.code,
                "seconds": trial.seconds,
            }
            for number, trial in waiting.items()
        ]
        # a thread, since both pipes are short: the server stops reading while its answers wait
        sender = threading.Thread(target=self._send, args=(tasks,), daemon=True)
        sender.start()
        while waiting:
            line = self._process.stdout.readline()
            if not line:
                raise UserError("the process that runs the trials ended; see its error above")
            said = json.loads(line)
            trial = waiting.pop(said.pop("id"))
            verdict, message = said.pop("verdict"), said.pop("message", "")
            yield trial, TrialAnswer(verdict, message, said.pop("cpu", 0.0), said)
        sender.join()

    def _send(self, tasks: list[dict[str, Any]]) -> None:
        with contextlib.suppress(OSError):  # the server ended: the reader finds out
            for task in tasks:
                self._process.stdin.write(json.dumps(task).encode() + b"\n")
                self._process.stdin.flush()


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the server; a trial that still runs ends with it."""
    process.terminate()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):
            pipe.close()
