"""A batch: every submission of a class through intake and grading, on several processes at once.

A scheduler runs one function over many items and yields what came of each in the order in which
they end; it knows nothing of grading. ``LocalScheduler`` does it with ``concurrent.futures`` on one
machine; ``cluster.DaskScheduler`` does it on many. Recording stays with the caller, one process, so
results are written as they arrive and memory does not grow with the class.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import functools
import multiprocessing
import multiprocessing.connection
import multiprocessing.util
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from autograder.errors import UserError
from autograder.grading import intake
from autograder.grading.handed_in import HandedIn
from autograder.grading.intake import GradedForm
from autograder.grading.recording import Graded, Record, Recorder
from autograder.grading.showing import cleaned
from autograder.progress import progress

if TYPE_CHECKING:
    from autograder.grading.session import Grader

TRIES = 2
START_UP = 300.0


@dataclass(frozen=True)
class Done:
    """What came of one item: a result, or why there is none."""

    item: Any
    result: Any = None
    problem: str | None = None


class Scheduler(Protocol):
    """Runs a function over items elsewhere. Items and results are pickled."""

    def run(self, work: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Done]:
        """Yield one Done for each item, in any order; an item whose worker died is tried twice."""


@dataclass
class LocalScheduler:
    """Worker processes on this machine, each a pool of one, so that a death costs one item only.

    Use as a context manager: leaving it ends the workers and what they started.
    """

    workers: int
    initializer: Callable[..., None] | None = None
    arguments: tuple = ()
    deadline: float = 3600.0
    """Seconds after which a worker that has not answered is ended."""
    _lanes: list[_Lane] = field(default_factory=list)

    def __enter__(self) -> LocalScheduler:
        return self

    def __exit__(self, *_: object) -> None:
        for lane in self._lanes:
            lane.end()
        for lane in self._lanes:
            lane.wait()
        self._lanes.clear()

    def run(self, work: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Done]:
        """Yield what came of each item as it ends; see Scheduler."""
        waiting = iter(items)
        again: deque[_Task] = deque()
        running: dict[concurrent.futures.Future, tuple[_Lane, _Task]] = {}
        free = deque(self._lanes)
        done: deque[Done] = deque()
        while True:
            while free or len(self._lanes) < self.workers:
                task = again.popleft() if again else _Task.next(waiting)
                if task is None:
                    break
                lane = free.popleft() if free else self._new_lane()
                try:
                    future = lane.start(work, task.item)
                except BrokenProcessPool:  # it died between two items: nobody's fault
                    self._lanes.remove(lane)
                    lane.end()
                    lane = self._new_lane()
                    future = lane.start(work, task.item)
                running[future] = (lane, task)
            # only now, with every worker busy again: whoever takes these has work to do with them
            while done:
                yield done.popleft()
            if not running:
                return
            ended, _ = concurrent.futures.wait(
                running, timeout=1.0, return_when=concurrent.futures.FIRST_COMPLETED
            )
            for future, (lane, task) in running.items():
                if future not in ended and lane.is_late(self.deadline):
                    task.problem = f"no answer within {self.deadline:.0f} seconds"
                    lane.kill()
            for future in ended:
                lane, task = running.pop(future)
                error = future.exception()
                if isinstance(error, BrokenProcessPool):
                    self._lanes.remove(lane)
                    lane.end()
                    task.tries += 1
                    if task.tries < TRIES:
                        again.append(task)
                    else:
                        problem = task.problem or "the worker that graded it died, twice"
                        done.append(Done(task.item, problem=problem))
                    continue
                free.append(lane)
                if isinstance(error, UserError):
                    raise error  # the same for every item: a person has to mend it first
                if error is not None:
                    done.append(Done(task.item, problem=f"{type(error).__name__}: {error}"))
                else:
                    done.append(Done(task.item, result=future.result()))

    def _new_lane(self) -> _Lane:
        lane = _Lane(self.initializer, self.arguments)
        self._lanes.append(lane)
        return lane


@dataclass
class _Task:
    item: Any
    tries: int = 0
    problem: str | None = None

    @classmethod
    def next(cls, items: Iterator[Any]) -> _Task | None:
        for item in items:
            return cls(item)
        return None


class _Lane:
    """One worker process that takes one item at a time."""

    def __init__(self, initializer: Callable[..., None] | None, arguments: tuple):
        context = _context()
        self._ready = context.Event()
        self._was_ready = False
        self._pool = concurrent.futures.ProcessPoolExecutor(
            max_workers=1,
            mp_context=context,
            initializer=_start_lane,
            initargs=(self._ready, dict(os.environ), initializer, arguments),
        )
        self._started = time.monotonic()

    def start(self, work: Callable[[Any], Any], item: Any) -> concurrent.futures.Future:
        self._started = time.monotonic()
        return self._pool.submit(work, item)

    def is_late(self, deadline: float) -> bool:
        """Whether the item has taken longer than that; starting the worker counts on its own."""
        if not self._was_ready and self._ready.is_set():
            self._was_ready = True
            self._started = time.monotonic()
        allowed = deadline if self._was_ready else max(deadline, START_UP)
        return time.monotonic() - self._started > allowed

    def kill(self) -> None:
        self._signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)

    def end(self) -> None:
        """Ask the worker to end, in the middle of an item too."""
        self._signal(signal.SIGTERM)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def wait(self, seconds: float = 10.0) -> None:
        """Until the worker has ended; one that does not is killed."""
        for process in self._processes():
            process.join(seconds)
            if process.is_alive():
                process.kill()
        self._pool.shutdown(wait=True)

    def _processes(self) -> list[Any]:
        # no public way to a pool's processes before Python 3.14
        return list((self._pool._processes or {}).values())

    def _signal(self, number: int) -> None:
        for process in self._processes():
            if process.is_alive():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, number)


@functools.cache
def _context() -> Any:
    """Workers share nothing with this process (database, threads, descriptors), and start fast.

    They are forked from a server that has imported this module and done nothing else, where the
    system has such; importing takes a second.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def start_server() -> None:
    """Let what workers are forked from import its modules while this process goes on."""
    if _context().get_start_method() == "forkserver":
        from multiprocessing import forkserver

        forkserver.ensure_running()


def _start_lane(
    ready: Any,
    environment: dict[str, str],
    initializer: Callable[..., None] | None,
    arguments: tuple,
) -> None:
    # what workers are forked from keeps the environment in which it was started first
    os.environ.clear()
    os.environ.update(environment)
    # Ctrl-C reaches the whole group; only the parent decides what it means
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if initializer is not None:
        initializer(*arguments)
    ready.set()


def _leave(*_: object) -> None:
    """End at once: an exception would be caught by the pool and sent back as a result."""
    with contextlib.suppress(BaseException):
        close_worker()
    os._exit(1)


def _end_with_parent() -> None:
    """A killed parent cannot tell its workers; they would wait for work for ever."""
    multiprocessing.connection.wait([multiprocessing.parent_process().sentinel])
    _leave()


# ----------------------------------------------------------------------- the work of one submission

_worker = threading.local()
"""A Grader belongs to the thread that made it; see ``session.Grader``."""


def start_worker(form: GradedForm, make_grader: Callable[[], Grader]) -> None:
    """Give this thread a Grader of its own, kept until its process ends or ``close_worker``."""
    _worker.__dict__.clear()  # of a batch before this one, whose problem is not this one's
    _worker.form = form
    try:
        _worker.grader = make_grader().__enter__()
    except UserError as error:
        _worker.problem = error
        return
    multiprocessing.util.Finalize(None, close_worker, exitpriority=100)


def check_worker() -> None:
    """Raise the UserError for which this thread cannot grade, where there is one."""
    if hasattr(_worker, "problem"):
        raise _worker.problem


def close_worker() -> None:
    """End this thread's Grader, where it has one."""
    grader = _worker.__dict__.pop("grader", None)
    if grader is not None:
        grader.__exit__(None, None, None)


def grade_one(handed: HandedIn) -> Graded:
    """Read one submission and run it, in a thread that ``start_worker`` prepared.

    Raises UserError where nothing can be graded here: no sandbox, a chapter that cannot be read.
    """
    check_worker()
    form, grader = _worker.form, _worker.grader
    began = time.monotonic()
    submission = intake.read(handed, form)
    outcome = None
    if submission.reason is None:
        outcome = cleaned(grader.grade(form.chapter, list(submission.cells)))
    notice = getattr(grader, "notice", "")
    return Graded(submission, outcome, seconds=time.monotonic() - began, notice=notice)


def grade_all(
    class_work: list[HandedIn], form: GradedForm, recorder: Recorder, scheduler: Scheduler
) -> Iterator[Record]:
    """Grade what is not recorded yet, recording each as it ends; yields the new records."""
    told: set[str] = set()
    bar = progress(total=len(class_work), what=f"grading {form.chapter.name}", unit="submission")
    with bar:
        for done in scheduler.run(grade_one, class_work):
            graded = done.result
            if graded is None:
                # read here, in the recording process, where nothing of it is executed
                graded = Graded(intake.read(done.item, form), None, problem=done.problem)
            if graded.notice and graded.notice not in told:
                told.add(graded.notice)
                bar.write(graded.notice, file=sys.stderr)
            yield recorder.save(graded)
            bar.update()
