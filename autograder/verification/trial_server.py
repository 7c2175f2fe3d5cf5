"""Runs the course's own code in forked processes with limits: the server's side.

``python -m autograder.verification.trial_server JOBS`` reads one JSON object a line from standard
input and writes one a line to standard output, in any order. Everything heavy is imported once,
before the first fork, and no torch operation runs before it.

Only what the course's authors wrote runs here (solutions, their mutants, answers), so a trial needs
protection against accidents, not against attacks: a process group of its own, limits on processor
time, time and memory, no output.

A fork takes as long as most tests, so several mutants of one exercise share a process. Only those that
fail there have their verdict from it, and only if the solution still passes after them; all others run
again, each in a process of its own.
"""

from __future__ import annotations

import ast
import contextlib
import gc
import importlib
import json
import math
import os
import resource
import runpy
import selectors
import signal
import sys
import time
import types
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from autograder.authoring.given import given_source
from autograder.authoring.reference import reference_namespace
from autograder.course import Chapter, Course, Exercise, load_course
from autograder.errors import UserError
from autograder.grading.sandbox import die_with_parent
from unrolled.diagnosis import judge
from unrolled.key import make_exercise_key, read_key, write_key
from unrolled.outcomes import read_cases

MEMORY = 2 * 2**30
"""Bytes that a trial may add to what the server holds."""
_WALL_PER_CPU = 6
"""Waiting time allowed per second of processor time: the machine may have other work."""
_TOGETHER = 8
"""Mutants in one process."""
_UNSPOILED = b"the solution still passes"
"""The last line of such a process."""


@dataclass
class _Running:
    """One process and the tasks that it was given.

    received: what it has said, a line for each task that is done.
    """

    tasks: list[dict[str, Any]]
    pid: int
    deadline: float = 0.0
    received: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self.wait_longer()

    def wait_longer(self) -> None:
        """The time allowed for one task begins now."""
        self.deadline = time.monotonic() + _WALL_PER_CPU * self.tasks[0]["seconds"]


def main() -> None:
    """Serve until standard input ends."""
    jobs = int(sys.argv[1])
    # Ctrl-C ends the command, which ends this process
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # results go out by a descriptor of their own: what prints to standard output by accident, such
    # as an import, must not end up among them
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    _import_everything()
    waiting: deque[dict[str, Any]] = deque()
    running: dict[int, _Running] = {}
    selector = selectors.DefaultSelector()
    selector.register(0, selectors.EVENT_READ)
    unfinished, open_ = b"", True
    while open_ or waiting or running:
        while waiting and len(running) < jobs:
            tasks = _take(waiting)
            try:
                descriptor, trial = _start(tasks)
            except UserError as error:
                for task in tasks:
                    _say(out, {"id": task["id"], "verdict": "fault", "message": str(error)})
                continue
            running[descriptor] = trial
            selector.register(descriptor, selectors.EVENT_READ)
        now = time.monotonic()
        nearest = min((trial.deadline for trial in running.values()), default=None)
        for key, _ in selector.select(None if nearest is None else max(0.0, nearest - now)):
            if key.fd == 0:
                data = os.read(0, 2**20)
                *lines, unfinished = (unfinished + data).split(b"\n")
                waiting.extend(json.loads(line) for line in lines if line.strip())
                if not data:
                    selector.unregister(0)
                    open_ = False
                continue
            data = os.read(key.fd, 2**20)
            if data:
                running[key.fd].received += data
                running[key.fd].wait_longer()
            else:
                selector.unregister(key.fd)
                _conclude(out, waiting, key.fd, running.pop(key.fd))
        now = time.monotonic()
        for descriptor, trial in [(d, t) for d, t in running.items() if t.deadline <= now]:
            selector.unregister(descriptor)
            del running[descriptor]
            _conclude(out, waiting, descriptor, trial, timeout=True)


def _say(out, answer: dict[str, Any]) -> None:
    out.write(json.dumps(answer) + "\n")
    out.flush()


def _import_everything() -> None:
    with contextlib.suppress(ImportError):
        import matplotlib.pyplot  # noqa: F401
        import torch.nn.functional  # noqa: F401
    _freeze()


def _freeze() -> None:
    """Keep the garbage collector off what is imported: looking at it would copy it in every child."""
    gc.collect()
    gc.freeze()


def _import(modules: list[str]) -> None:
    """Import what a solution's test needed, so that its mutants find it there.

    Much of torch is imported by its first use: a second of work, again in every trial.
    """
    for name in modules:
        if name not in sys.modules:
            with contextlib.suppress(Exception):
                importlib.import_module(name)
    _freeze()


# ---- one trial, seen from the server -------------------------------------------------------------


_courses: dict[str, Course] = {}


def _exercise(task: dict[str, Any]) -> Exercise:
    root = task["root"]
    if root not in _courses:
        _courses[root] = load_course(Path(root))
    exercises = _courses[root].chapters[task["chapter"]].exercises
    return exercises[task["exercise"]]


def _take(waiting: deque[dict[str, Any]]) -> list[dict[str, Any]]:
    """The next task, with those after it that may share a process with it."""
    tasks = [waiting.popleft()]
    while waiting and len(tasks) < _TOGETHER and _may_share(tasks[0], waiting[0]):
        tasks.append(waiting.popleft())
    return tasks


def _may_share(task: dict[str, Any], other: dict[str, Any]) -> bool:
    same = all(task[name] == other[name] for name in ("kind", "root", "chapter", "exercise"))
    return same and task["kind"] == "test" and not (task.get("alone") or other.get("alone"))


def _start(tasks: list[dict[str, Any]]) -> tuple[int, _Running]:
    """Fork a process for some tasks; the descriptor delivers the answers and ends with it."""
    exercise = _exercise(tasks[0])
    # read before the fork, so that no child reads it again: the chapter's text, and the texts of
    # all the chapters that it is given functions of
    _ = exercise.chapter.imports
    given_source(exercise.chapter)
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        code = 1
        try:
            os.setpgid(0, 0)
            die_with_parent()
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            nowhere = os.open(os.devnull, os.O_RDWR)
            for number in range(3):
                os.dup2(nowhere, number)
            if tasks[0]["kind"] != "check":
                _fill_what_is_left_empty()
            with os.fdopen(writing, "wb", buffering=0) as stream:
                for task in tasks:
                    _limit(task["seconds"])
                    answer = _TRIALS[task["kind"]](exercise, task)
                    stream.write(json.dumps(answer).encode() + b"\n")
                if len(tasks) > 1:
                    _limit(tasks[0]["seconds"])
                    if _verdict(exercise, None)["verdict"] == "passed":
                        stream.write(_UNSPOILED)
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.setpgid(pid, pid)
    return reading, _Running(tasks, pid)


def _conclude(
    out,
    waiting: deque[dict[str, Any]],
    descriptor: int,
    trial: _Running,
    *,
    timeout: bool = False,
) -> None:
    """Reap a process, with everything that it started, and say what came of its tasks.

    Those of which it does not tell for certain go back among the waiting.
    """
    os.close(descriptor)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(trial.pid, signal.SIGKILL)
    _, status, usage = os.wait4(trial.pid, 0)
    used = usage.ru_utime + usage.ru_stime
    if len(trial.tasks) > 1:
        answers = _certain(trial)
        for task, answer in zip(trial.tasks, answers, strict=True):
            if answer is None:
                waiting.append(task | {"alone": True})
            else:
                _say(out, {"id": task["id"], "cpu": round(used / len(answers), 3)} | answer)
        return
    (task,) = trial.tasks
    answer = {"id": task["id"], "cpu": round(used, 3)}
    try:
        answer |= json.loads(bytes(trial.received))
    except ValueError:
        answer |= _unfinished(status, used, task["seconds"], timeout)
    _import(answer.pop("modules", []))
    _say(out, answer)


def _certain(trial: _Running) -> list[dict[str, Any] | None]:
    """The answers of a shared process; None for each that a process of its own has to confirm."""
    *lines, last = bytes(trial.received).splitlines() or [b""]
    if last != _UNSPOILED:
        return [None] * len(trial.tasks)
    answers = [json.loads(line) for line in lines]
    return [answer if answer["verdict"] == "failed" else None for answer in answers]


def _unfinished(status: int, used: float, seconds: float, timeout: bool) -> dict[str, Any]:
    late = os.WIFSIGNALED(status) and (
        os.WTERMSIG(status) == signal.SIGXCPU or used >= 0.9 * seconds
    )
    if timeout or late:
        return {"verdict": "timeout", "message": f"ran longer than {seconds:g} s"}
    return {"verdict": "died", "message": "its process ended"}


def _limit(seconds: float) -> None:
    """Limit what this process may use from now on."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _set_limit(resource.RLIMIT_CPU, math.ceil(used.ru_utime + used.ru_stime + seconds))
    _set_limit(resource.RLIMIT_CORE, 0)
    _set_limit(resource.RLIMIT_FSIZE, 2**26)
    with contextlib.suppress(OSError, ValueError):  # not every system counts data
        _set_limit(resource.RLIMIT_DATA, _data_bytes() + MEMORY)


def _set_limit(kind: int, value: int) -> None:
    # the hard limit stays, so that the next task in this process can be given as much
    hard = resource.getrlimit(kind)[1]
    resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


def _data_bytes() -> int:
    """What this process holds of the kind that RLIMIT_DATA counts."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmData:"):
            return 1024 * int(line.split()[1])
    raise OSError("no VmData")


# ---- one trial, in its process -------------------------------------------------------------------


def _test(exercise: Exercise, task: dict[str, Any]) -> dict[str, Any]:
    """Run the exercise's test on ``code``, everything else the reference."""
    return _verdict(exercise, task["code"])


def _time(exercise: Exercise, task: dict[str, Any]) -> dict[str, Any]:
    """Run the exercise's test on the solution, twice.

    Returns also ``again``, the processor time of the second run, and ``modules``, what the first
    one imported.
    """
    before = set(sys.modules)
    answer = _verdict(exercise, None)
    modules = [name for name in sys.modules if name not in before]
    start = time.process_time()
    _verdict(exercise, None)
    return answer | {"again": time.process_time() - start, "modules": modules}


def _verdict(exercise: Exercise, code: str | None) -> dict[str, Any]:
    try:
        names = reference_namespace(
            exercise.chapter, None if code is None else {exercise.name: code}
        )
    except UserError as error:
        return {"verdict": "fault", "message": str(error)}
    except BaseException as error:
        return {"verdict": "failed", "message": _first_line(error)}
    namespace: dict[str, Any] = {"__name__": "__main__"}
    namespace |= {name: names[name] for name in exercise.defines if name in names}
    try:
        exec(_without_check(exercise.test), namespace)
    except BaseException as error:
        return {"verdict": "failed", "message": _first_line(error)}
    return {"verdict": "passed", "message": ""}


def _without_check(test: str) -> types.CodeType:
    """A test cell without its visible part: what ``check`` displays decides nothing."""
    tree = ast.parse(test)
    tree.body = [statement for statement in tree.body if not _is_check(statement)]
    return compile(tree, "<test>", "exec")


def _is_check(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Call)
        and isinstance(statement.value.func, ast.Name)
        and statement.value.func.id == "check"
    )


def _fill_what_is_left_empty() -> None:
    """Make np.empty give NaN, or the smallest number, where it would give what memory happens to hold.

    A mutant that forgets to fill an array could otherwise find the right values there, left over
    from the solution, on one run and not on the next.
    """
    empty, empty_like = np.empty, np.empty_like

    def filled(array: np.ndarray) -> np.ndarray:
        if array.dtype.kind in "fc":
            array.fill(np.nan)
        elif array.dtype.kind in "iu":
            array.fill(np.iinfo(array.dtype).min)
        return array

    np.empty = lambda *args, **options: filled(empty(*args, **options))
    np.empty_like = lambda *args, **options: filled(empty_like(*args, **options))


def _check(exercise: Exercise, task: dict[str, Any]) -> dict[str, Any]:
    """What ``check`` says of the solution and of every answer, with the key that a build makes.

    Returns ``said``, answer's path -> right, diagnosis, text; ``broken``, path -> why it cannot be
    run; ``dims`` of the cases; or a fault where ``cases.py`` cannot be used.
    """
    chapter = exercise.chapter
    broken: dict[str, str] = {}
    functions = {}
    for answer in (*exercise.wrong, *exercise.right):
        try:
            functions[answer] = _function(chapter, exercise, answer.code)
        except UserError as error:
            return {"verdict": "fault", "message": str(error)}
        except Exception as error:
            broken[str(answer.path)] = _first_line(error)
    try:
        solution = _function(chapter, exercise, exercise.solution)
        spec, cases = read_cases(exercise.name, runpy.run_path(str(exercise.cases_file)))
        mistakes = {
            answer.name: (answer.diagnosis, functions[answer])
            for answer in exercise.wrong
            if answer in functions
        }
        key = make_exercise_key(spec, cases, solution, mistakes)
    except UserError as error:
        return {"verdict": "fault", "message": str(error)}
    except Exception as error:
        return {"verdict": "fault", "message": f"{exercise.cases_file}: {_first_line(error)}"}
    # through the file, as a student's check gets it
    file = Path(f"key-{os.getpid()}.npz")
    write_key(file, {exercise.name: key})
    key = read_key(file.resolve())[exercise.name]
    file.unlink()
    said = {}
    for path, function in [
        (str(chapter.source), solution),
        *((str(answer.path), function) for answer, function in functions.items()),
    ]:
        verdict = judge(function, key)
        said[path] = {
            "right": verdict.right,
            "diagnosis": verdict.diagnosis,
            "text": verdict.text,
        }
    dims = [case.dims for case in cases]
    return {"verdict": "done", "said": said, "broken": broken, "dims": dims}


def _function(chapter: Chapter, exercise: Exercise, code: str):
    namespace = reference_namespace(chapter, {exercise.name: code})
    if exercise.name not in namespace:
        raise NameError(f"it does not define {exercise.name}")
    return namespace[exercise.name]


def _first_line(error: BaseException) -> str:
    text = str(error).strip().partition("\n")[0][:300]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


_TRIALS = {"test": _test, "time": _time, "check": _check}


if __name__ == "__main__":
    main()
