"""Runs batches that are killed: a process that has imported everything and forks each one.

python killing.py < commands > answers        one JSON object a line, see ``main``
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import traceback
from multiprocessing import forkserver
from pathlib import Path

from class_work import NAME
from fake_grader import FakeGrader

MARK = "KILLED_BATCH"


class Found(FakeGrader):
    """Leaves its process number where whoever kills workers looks."""

    def __enter__(self):
        (Path(os.environ[MARK]) / f"worker-{os.getpid()}").touch()
        return self


def make_found() -> Found:
    return Found()


class Killer:
    """The tests' side: starts that process and talks to it. A context manager."""

    def __enter__(self) -> Killer:
        folders = [str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, folders))}
        self.process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        )
        return self

    def __exit__(self, *_) -> None:
        self.process.stdin.close()
        self.process.wait(30)

    def run(
        self, root: Path, seconds: float | None = None, whom: str = "batch", writing: bool = False
    ) -> dict:
        """Grade the class in ``root``/class; kill it, or one of its workers, after some seconds.

        writing: the seconds count from when it first writes to the gradebook.
        Returns whether the kill came before the end, the exit code (0, or negative for a signal),
        how long it took, and how long it was before it wrote.
        """
        order = {"root": str(root), "seconds": seconds, "whom": whom, "writing": writing}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def main() -> None:
    from autograder.grading import batch, cluster, feedback, lock, recording, report  # noqa: F401

    batch.start_server()
    for line in sys.stdin:
        order = json.loads(line)
        began = time.monotonic()
        root = Path(order["root"])
        for left in root.glob("worker-*"):
            left.unlink()
        child = os.fork()
        if not child:
            _grade(root)
        killed, before = False, None
        if order["seconds"] is None or order["writing"]:
            before = _until_it_writes(root, child) - began
        if order["seconds"] is not None:
            time.sleep(order["seconds"])
            if order["whom"] == "batch":
                killed = os.waitpid(child, os.WNOHANG)[0] == 0
                if killed:
                    os.kill(child, signal.SIGKILL)
                else:
                    child = None
            else:
                killed = _kill_a_worker(root)
        code = 0 if child is None else os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        answer = {"killed": killed, "code": code, "seconds": time.monotonic() - began}
        answer["before"] = before
        print(json.dumps(answer), flush=True)


def _grade(root: Path) -> None:
    """In a process of its own, which never returns."""
    code = 1
    try:
        from autograder.course import load_course
        from autograder.grading import batch
        from autograder.grading.grade_command import Options, grade_class

        # what workers are forked from runs already, as a child of the process that forked us
        batch.start_server = forkserver._forkserver.ensure_running = lambda: None
        os.environ[MARK] = str(root)
        chapter = load_course(root).chapters[NAME]
        options = Options(out=root, sandbox="none", jobs=2)
        grade_class(chapter, root / "class", options, make_found)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _until_it_writes(root: Path, child: int) -> float:
    """When the batch began to write to the gradebook, or ended."""
    book = root / "gradebook.db"
    untouched = book.stat().st_mtime_ns
    while book.stat().st_mtime_ns == untouched:
        if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            break
        time.sleep(0.001)
    return time.monotonic()


def _kill_a_worker(root: Path) -> bool:
    for mark in root.glob("worker-*"):
        try:
            os.kill(int(mark.name.removeprefix("worker-")), signal.SIGKILL)
        except ProcessLookupError:
            continue
        return True
    return False


if __name__ == "__main__":
    # as the workers will import it, and not as __main__
    import killing

    killing.main()
