"""A batch on a cluster: the same work as on one machine, sent to a running Dask distributed.

Each thread of a Dask worker gets a lane of its own, a thread that lasts, with a warm Grader in it.
What students handed in travels with the work, so workers need the course and this package, and no
folder that they share with the machine that records. Dask hands what a lost worker was doing to
another one; each result comes back once and is recorded here, in one place.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import functools
import hashlib
import importlib.metadata
import itertools
import os
import platform
import queue
import sys
import threading
import time
import uuid
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import distributed
from distributed.diagnostics.plugin import WorkerPlugin

import autograder
import unrolled
from autograder.course import Chapter, load_course
from autograder.errors import UserError
from autograder.grading import batch
from autograder.grading.batch import START_UP, Done
from autograder.grading.handed_in import MAX_CANDIDATES, File, HandedIn, Unreadable
from autograder.grading.recording import source_digest

if TYPE_CHECKING:
    from autograder.grading.session import Grader

COURSE = "AUTOGRADER_COURSE"
"""Environment variable of a worker: where its copy of the course stands."""
IDLE = 900.0
"""Seconds without work after which a lane ends its Grader, should nobody have told it to."""
CONNECT = 15.0
NO_WORKERS = 300.0
_HELP = "`autograder grade --help` says how to start a cluster"


class DaskScheduler:
    """Sends work to the cluster at ``address``; see ``batch.Scheduler``. A context manager.

    address: like tcp://host:8786, or the JSON file in which a scheduler wrote where it is.
    workers: ignored; the cluster knows how many it has, and more may join at any time.
    initializer, arguments: called once in each lane before its first item; a UserError that it
        raises is the answer to every item.
    deadline: seconds that one item may take once a worker has it.
    carry: turns an item into what is sent in its place.

    Entering raises UserError where nothing answers, the cluster has other versions, or a worker
    cannot do the work.
    """

    def __init__(
        self,
        workers: int,
        initializer: Callable[..., None] | None = None,
        arguments: tuple = (),
        deadline: float = 3600.0,
        *,
        address: str,
        carry: Callable[[Any], Any] = lambda item: item,
        no_workers: float = NO_WORKERS,
    ):
        self.address = address
        self.deadline = deadline
        self.no_workers = no_workers
        self._carry = carry
        self._lanes = _Lanes(f"autograder-{uuid.uuid4().hex}", initializer, arguments)
        self._client: Any = None
        self._count = itertools.count()

    def __enter__(self) -> DaskScheduler:
        where = {"address": self.address}
        if self.address.endswith(".json"):
            if not Path(self.address).is_file():
                raise UserError(f"there is no scheduler file {self.address}; {_HELP}")
            where = {"scheduler_file": self.address}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of other versions: told below, and in words
                self._client = distributed.Client(**where, timeout=CONNECT, name="autograder")
        except (OSError, ValueError, TypeError) as error:
            raise UserError(
                f"nothing that is a Dask scheduler answers at {self.address}; {_HELP} ({error})"
            ) from error
        try:
            self._wait_for_workers()
            self._compare_versions()
            self._prepare_workers()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(Exception):  # a cluster that is gone has nothing left to end
            self._client.unregister_worker_plugin(self._lanes.name)
        with contextlib.suppress(Exception):
            self._client.close(timeout=5)

    def run(self, work: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Done]:
        """Yield what came of each item as it ends; see ``batch.Scheduler``."""
        waiting = iter(items)
        ended: queue.SimpleQueue[str] = queue.SimpleQueue()
        running: dict[str, _Sent] = {}
        workers_seen = time.monotonic()
        try:
            while True:
                room = max(2, 2 * self._threads()) - len(running)
                for item in itertools.islice(waiting, max(0, room)):
                    sent = self._send(work, item, ended)
                    running[sent.future.key] = sent
                if not running:
                    return
                try:
                    key = ended.get(timeout=1.0)
                except queue.Empty:
                    if self._threads():
                        workers_seen = time.monotonic()
                    elif time.monotonic() - workers_seen > self.no_workers:
                        raise self._gone("has had no workers for too long") from None
                    yield from self._late(running)
                    continue
                workers_seen = time.monotonic()
                if key in running:
                    sent = running.pop(key)
                    # the next one goes out first: whoever takes this result has work to do with it
                    for item in itertools.islice(waiting, 1):
                        other = self._send(work, item, ended)
                        running[other.future.key] = other
                    yield self._done(sent)
        finally:
            with contextlib.suppress(Exception):
                self._client.cancel([sent.future for sent in running.values()], force=True)

    def _send(self, work: Callable[[Any], Any], item: Any, ended: queue.SimpleQueue) -> _Sent:
        key = f"{self._lanes.name}-{next(self._count)}"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a large notebook is large
            future = self._client.submit(
                _in_lane, self._lanes.name, work, self._carry(item), key=key, pure=False
            )
        future.add_done_callback(lambda done: ended.put(done.key))
        return _Sent(item, future, time.monotonic())

    def _done(self, sent: _Sent) -> Done:
        """What came of an item whose future has ended; UserError where a person has to act."""
        try:
            return Done(sent.item, result=sent.future.result(timeout=self.deadline))
        except UserError:
            raise  # the same for every item
        except distributed.KilledWorker:
            return Done(sent.item, problem="the worker that graded it died, several times")
        except (distributed.client.FutureCancelledError, distributed.CancelledError) as error:
            raise self._gone("has gone") from error
        except Exception as error:
            if self._client.status != "running":
                raise self._gone("has gone") from error
            return Done(sent.item, problem=f"{type(error).__name__}: {error}")
        finally:
            sent.future.release()

    def _late(self, running: dict[str, _Sent]) -> Iterator[Done]:
        """Items that nobody can still be working on."""
        if self._client.status != "running":
            raise self._gone("has gone")
        # up to two items wait for each lane, which may have to start first
        allowed = 3 * self.deadline + START_UP
        for key, sent in list(running.items()):
            if time.monotonic() - sent.at > allowed and self._threads():
                del running[key]
                self._client.cancel([sent.future], force=True)
                yield Done(sent.item, problem=f"no answer within {allowed:.0f} seconds")

    def _gone(self, what: str) -> UserError:
        return UserError(
            f"the cluster at {self.address} {what}; what was graded is kept. Start it again and run "
            "the same command to go on"
        )

    def _threads(self) -> int:
        info = self._client.scheduler_info(n_workers=-1)
        return sum(worker["nthreads"] for worker in info["workers"].values())

    def _wait_for_workers(self) -> None:
        until = time.monotonic() + min(self.no_workers, 60.0)
        told = False
        while not self._threads():
            if time.monotonic() > until:
                raise UserError(f"the cluster at {self.address} has no workers; {_HELP}")
            if not told:
                print(f"waiting for a worker of {self.address} …", file=sys.stderr)
                told = True
            time.sleep(0.2)

    def _compare_versions(self) -> None:
        """What has to be the same before anything else can be understood."""
        found = self._client.get_versions()
        mine = _of(found["client"])
        others = {"the scheduler": found["scheduler"]}
        others |= {f"worker {name}": about for name, about in found["workers"].items()}
        wrong = [
            f"{who} has {name} {_of(about).get(name)}, here it is {version}"
            for who, about in others.items()
            for name, version in mine.items()
            if _of(about).get(name) != version
        ]
        if wrong:
            raise UserError(
                f"the cluster at {self.address} has other versions: {'; '.join(wrong[:5])}. Install "
                "the same requirements.txt everywhere and start it again"
            )

    def _prepare_workers(self) -> None:
        """Warm every worker up; UserError by worker where one cannot do the work."""
        try:
            self._client.register_plugin(self._lanes)
            answers = self._client.run(_ready, self._lanes.name)
        except Exception as error:
            raise UserError(
                f"workers of {self.address} cannot take up the work: {type(error).__name__}: {error}"
                ". They need this repository's environment (make setup) and the same code"
            ) from error
        wrong = [f"worker {name}: {text}" for name, text in sorted(answers.items()) if text]
        if wrong:
            raise UserError("; ".join(wrong[:5]))


@dataclass(frozen=True)
class _Sent:
    item: Any
    future: Any
    at: float


def _of(about: dict[str, Any]) -> dict[str, str]:
    """The versions that matter of what Dask tells of one process; Python's without its patch."""
    packages = about["packages"]
    found = {name: packages.get(name) for name in ("dask", "distributed", "cloudpickle")}
    return {"Python": ".".join(str(packages.get("python")).split(".")[:2]), **found}


# ------------------------------------------------------------------------------ in a Dask worker


class _Lanes(WorkerPlugin):
    """Threads of a worker that last, as many as it has for tasks, each prepared once."""

    def __init__(self, name: str, initializer: Callable[..., None] | None, arguments: tuple):
        self.name = name
        self.initializer = initializer
        self.arguments = arguments

    def setup(self, worker: distributed.Worker) -> None:
        self.address = worker.address
        self.waiting: queue.SimpleQueue[tuple | None] = queue.SimpleQueue()
        self.ready: list[Future] = [Future() for _ in range(worker.state.nthreads)]
        self.threads = [
            threading.Thread(target=self._lane, args=(ready,), daemon=True) for ready in self.ready
        ]
        for thread in self.threads:
            thread.start()

    def teardown(self, worker: distributed.Worker) -> None:
        for _ in self.threads:
            self.waiting.put(None)

    def call(self, work: Callable[[Any], Any], item: Any) -> Any:
        answer: Future = Future()
        self.waiting.put((answer, work, item))
        try:
            return answer.result()
        except UserError as error:
            raise UserError(f"worker {self.address}: {error}") from None

    def _lane(self, ready: Future) -> None:
        problem = self._prepare()
        ready.set_result(str(problem) if problem else "")
        warm = True
        while True:
            try:
                task = self.waiting.get(timeout=IDLE)
            except queue.Empty:
                batch.close_worker()
                warm = False
                continue
            if task is None:
                batch.close_worker()
                return
            if not warm:
                problem, warm = self._prepare(), True
            answer, work, item = task
            try:
                if problem is not None:
                    raise problem
                answer.set_result(work(item))
            except BaseException as error:
                answer.set_exception(error)

    def _prepare(self) -> Exception | None:
        try:
            if self.initializer is not None:
                self.initializer(*self.arguments)
        except UserError as error:
            return error
        except Exception as error:
            return UserError(f"{type(error).__name__}: {error}")
        return None


def _in_lane(name: str, work: Callable[[Any], Any], item: Any) -> Any:
    return distributed.get_worker().plugins[name].call(work, item)


async def _ready(name: str, dask_worker: distributed.Worker) -> str:
    """The first problem of a worker's lanes, once all are prepared; empty where there is none."""
    answers = [asyncio.wrap_future(lane) for lane in dask_worker.plugins[name].ready]
    return next((text for text in await asyncio.gather(*answers) if text), "")


# ---------------------------------------------------------------------------- grading on a cluster


@dataclass(frozen=True)
class Carried(File):
    """A handed-in file with its bytes, which can be read on any machine."""

    data: bytes = dataclasses.field(default=b"", repr=False)

    def read(self, limit: int | None = None) -> bytes:
        if self.problem:
            raise Unreadable(self.problem)
        return self.data


def carried(handed: HandedIn) -> HandedIn:
    """A submission that no longer needs the disk it was read from; read as ``handed`` would be."""
    files = []
    for file in handed.files[:MAX_CANDIDATES]:
        try:
            files.append(Carried(file.name, file.path, data=file.read()))
        except Unreadable as error:
            files.append(Carried(file.name, file.path, problem=str(error)))
    return dataclasses.replace(handed, files=files + handed.files[MAX_CANDIDATES:])


def start_worker(
    root: Path,
    chapter: str,
    expected: dict[str, str],
    make_grader: Callable[[Path], Grader],
) -> None:
    """Prepare a lane to grade a chapter; UserError where it would grade otherwise than we do.

    root: the course's folder where the batch was started. A worker that has its copy elsewhere says
        so in its environment (AUTOGRADER_COURSE).
    expected: ``basis`` of the chapter where the batch was started.
    """
    from autograder.grading.intake import GradedForm

    folder = Path(os.environ.get(COURSE) or root)
    host = platform.node()
    if not (folder / "solutions").is_dir():
        raise UserError(
            f"{host} has no course at {folder}; copy it there, or say where it is in the environment "
            f"of the worker: {COURSE}=/path/to/course"
        )
    here = load_course(folder).select([chapter])[0]
    found = basis(here)
    other = [
        f"{name} {found[name]}, not {is_}" for name, is_ in expected.items() if found[name] != is_
    ]
    if other:
        raise UserError(
            f"{host} would grade otherwise than here: in {folder} it has {'; '.join(other)}. Bring "
            "the course, the code and the environment of every worker to the same state"
        )
    batch.start_worker(GradedForm(here), functools.partial(make_grader, folder))
    batch.check_worker()


def basis(chapter: Chapter) -> dict[str, str]:
    """What a grade rests on besides the submission, by name: digests of files, and versions."""
    return {
        "the chapter": source_digest(chapter)[:16],
        "its released folder": _digest(chapter.released, "*"),
        "the toolbox": _digest(Path(unrolled.__file__).parent, "*.py"),
        "the grader": _digest(Path(autograder.__file__).parent, "*.py"),
        **{name: importlib.metadata.version(name) for name in ("numpy", "torch", "nbgrader")},
    }


def _digest(folder: Path, pattern: str) -> str:
    digest = hashlib.sha256()
    for file in sorted(folder.rglob(pattern)):
        parts = file.relative_to(folder).parts
        if file.is_file() and not any(p.startswith(".") or p == "__pycache__" for p in parts):
            digest.update("/".join(parts).encode() + b"\0")
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]
