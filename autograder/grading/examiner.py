"""The examiner: drives a student's process through a notebook and runs the tests, here.

``main`` is a warm process of its own that forks an examiner for each submission. An examiner never
holds a student's object or runs a student's line: test cells call stubs (``remote``), and whether
they raise decides. It reports each verdict to the worker as soon as it stands.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import functools
import importlib
import io
import math
import os
import random
import signal
import socket
import sys
import time
import types
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autograder.course import Chapter, Exercise, load_course
from autograder.errors import UserError
from autograder.grading import sandbox
from autograder.grading.limits import Limits
from autograder.grading.outputs import clean_outputs, clean_text
from autograder.grading.pipe import Channel, Closed
from autograder.grading.references import stand_ins
from autograder.grading.remote import Gone, Over, Remote, RemoteClass, RemoteFunction
from unrolled import plain

_LEAST_SECONDS = 5.0
_MAX_MESSAGE = 600
_NO_TEXT = "a hidden test failed"


@dataclass
class Verdict:
    """How one run of a test ended."""

    status: str
    earned: float
    message: str = ""


@dataclass(frozen=True)
class Cell:
    """A cell as the worker passed it on."""

    id: str
    source: str
    kind: str


@dataclass(frozen=True)
class Material:
    """What an examiner needs of a chapter, read once by the warm process."""

    chapter: Chapter
    files: dict[str, bytes]
    """What lies beside the notebook in the student's folder."""
    given: types.CodeType | None
    key: dict[str, Any]
    """Known mistakes of each exercise; empty where the chapter's key cannot be read."""
    imports: str = ""
    """Id of the cell with the chapter's imports."""


# ---- one submission --------------------------------------------------------------------------------


class Examination:
    """One submission, from its first cell to its last test."""

    def __init__(
        self,
        material: Material,
        cells: list[Cell],
        only: list[str] | None,
        limits: Limits,
        worker: Channel,
    ):
        self.chapter = material.chapter
        exercises = self.chapter.exercises
        self.tested = {n: e for n, e in exercises.items() if only is None or n in only}
        self.files = material.files
        self.key = material.key
        self.imports = material.imports
        self.cells = cells
        self.limits = limits
        self.worker = worker
        self.remote: Remote | None = None
        self.cells_left = limits.notebook
        self.tests_left = limits.notebook
        self.output_left = limits.output_notebook
        self.processes = 0
        """How many the student's code has had."""
        self.answers_only = False
        """Whether ordinary cells are no longer run."""
        self.ran: list[Cell] = []
        """Cells that ran and left the process alive: what is run again in a new one."""
        self.trouble: dict[str, tuple[str, str]] = {}
        """Solution cells that defined nothing, and why: exercise -> (status, text)."""
        self.passed = {name: True for name in exercises if name not in self.tested}
        self._requests = 0

    def run(self) -> None:
        """Go through the notebook; each test runs where it stands."""
        tests = {exercise.test_id: exercise for exercise in self.tested.values()}
        points = {name: float(exercise.points) for name, exercise in self.tested.items()}
        self.worker.send(("plan", points))
        for cell in self.cells:
            if cell.kind != "test":
                self.run_cell(cell)
            elif cell.id in tests:
                self.examine(tests.pop(cell.id))
        for exercise in tests.values():
            self.examine(exercise)
        self.worker.send(("finished",))

    def event(self, kind: str, where: str, text: str) -> None:
        self.worker.send(("event", kind, where, clean_text(text)[:_MAX_MESSAGE]))

    # ---- the student's process

    def ask_worker(self, kind: str, answer: str) -> tuple[tuple, list[int]]:
        self._requests += 1
        self.worker.send((kind, self._requests))
        message, descriptors = self.worker.receive_with_descriptors()
        if message[:2] != (answer, self._requests):
            raise RuntimeError(f"the worker answered {message[:2]} to {kind}")
        return message, descriptors

    def ready(self) -> bool:
        """Have a process that has run the cells so far; False where there may be no more."""
        while self.remote is None:
            if self.processes > self.limits.restarts:
                return False
            self.processes += 1
            if 1 < self.processes == self.limits.restarts + 1:
                self.run_answers_only()
            _, descriptors = self.ask_worker("student", "socket")
            channel = Channel(socket.socket(fileno=descriptors[0]), self.limits.message)
            self.remote = Remote(channel, self.limits)
            cell = None
            try:
                self.remote.start(self.files, seed=0)
                for cell in list(self.ran):
                    self.send_cell(cell)
            except Gone as gone:
                self.lost(gone, cell.id if cell else "", "when it was run again")
                if cell is not None:
                    self.ran.remove(cell)
        return True

    def run_answers_only(self) -> None:
        """For the last process: what ended the others may be a thread or a message that any of the
        ordinary cells left behind, and then the answers still have a chance.
        """
        self.answers_only = True
        self.ran = [cell for cell in self.ran if self.is_answer(cell)]
        text = "its process ended so often that only the imports and the answers are still run"
        self.event("skipped", "", text)

    def is_answer(self, cell: Cell) -> bool:
        return cell.kind == "solution" or cell.id == self.imports

    def lost(self, gone: Gone, where: str, when: str) -> str:
        """Note that the process has ended; the text says how."""
        how = gone.text
        self.remote.channel.close()
        self.remote = None
        message, _ = self.ask_worker("ended", "status")
        if gone.status == "died":
            how = f"its process ended: {message[2]}"
        elif gone.status == "protocol":
            how = f"its process broke the grader's protocol: {gone.text}"
        self.event(gone.status, where, f"{when}: {how}")
        return how

    # ---- cells

    def send_cell(self, cell: Cell) -> tuple[list, int | None, str, bool]:
        """Run a cell over there within what is left of the notebook's time."""
        seconds = min(self.limits.cell, self.cells_left)
        if cell.kind == "solution":
            seconds = max(seconds, min(self.limits.cell, _LEAST_SECONDS))
        start = time.monotonic()
        try:
            return self.remote.run_cell(cell.id, cell.source, seconds)
        finally:
            self.cells_left -= time.monotonic() - start

    def run_cell(self, cell: Cell) -> None:
        """Run a cell and report what it shows. Whatever happens, the notebook goes on."""
        if cell.kind == "code" and self.cells_left <= 0:
            self.event("skipped", cell.id, "not run: the notebook's time is used up")
            return
        if not self.ready():
            text = "not run: the notebook's process had ended too often"
            self.trouble[cell.id] = ("died", text)
            self.event("skipped", cell.id, text)
            return
        if self.answers_only and not self.is_answer(cell):
            return
        try:
            sent, count, ended, truncated = self.send_cell(cell)
        except Gone as gone:
            how = self.lost(gone, cell.id, "while the cell ran")
            status = "timeout" if gone.status == "timeout" else "died"
            self.trouble[cell.id] = (status, f"the cell that should define it: {how}")
            name = "TimeLimit" if status == "timeout" else "ProcessEnded"
            self.report_cell(cell, [_error_output(name, how)], None)
            return
        self.ran.append(cell)
        outputs, dropped = clean_outputs(sent, min(2 * self.limits.output_cell, self.output_left))
        self.output_left -= sum(len(str(output)) for output in outputs)
        if truncated or dropped:
            self.event("output", cell.id, "its output is longer than allowed and was cut")
        if ended == "timeout":
            text = f"interrupted after {self.limits.cell:g} seconds"
            self.event("timeout", cell.id, text)
            self.trouble[cell.id] = ("timeout", f"the cell that should define it was {text}")
        errors = [output for output in outputs if output["output_type"] == "error"]
        if errors and ended == "error":
            last = f"{errors[-1]['ename']}: {errors[-1]['evalue']}"
            text = f"its cell raised {_one_line(last)}"
            self.trouble.setdefault(cell.id, ("missing", text))
        self.report_cell(cell, outputs, count)

    def report_cell(self, cell: Cell, outputs: list[dict], count: int | None) -> None:
        self.worker.send(("cell", cell.id, outputs, count))

    # ---- tests

    def examine(self, exercise: Exercise) -> None:
        """Test one exercise, look for a known mistake where it is wrong, and report.

        Functions of earlier exercises that were right stay the student's; where the test fails
        then, it is run again with the reference in the place of all earlier ones. So a mistake in
        one costs its own points only, and nobody loses points over the reference's habits.
        """
        earlier = list(self.passed)
        wrong = [name for name in earlier if not self.passed[name]]
        verdict = self.attempt(exercise, wrong)
        replaced = wrong
        if verdict.status in ("failed", "error") and len(wrong) < len(earlier):
            second = self.attempt(exercise, earlier)
            if second.earned >= verdict.earned:
                verdict, replaced = second, earlier
        diagnosis, advice = None, ""
        if verdict.status in ("failed", "error"):
            diagnosis, advice = self.diagnose(exercise, replaced)
        self.passed[exercise.name] = verdict.status == "passed"
        self.worker.send(
            (
                "exercise",
                exercise.name,
                float(verdict.earned),
                verdict.status,
                clean_text(verdict.message)[:_MAX_MESSAGE],
                diagnosis,
                clean_text(advice)[: 4 * _MAX_MESSAGE],
            )
        )

    def attempt(self, exercise: Exercise, replaced: list[str]) -> Verdict:
        """One run of an exercise's test, with the reference for the exercises named."""
        if not self.ready():
            return Verdict("died", 0, "not tested: the notebook's process had ended too often")
        seconds = min(self.limits.test, max(self.tests_left, _LEAST_SECONDS))
        start = time.monotonic()
        verdict = None
        try:
            found = self.begin(exercise, replaced, seconds)
            verdict = self.missing(exercise, found)
            if verdict is None:
                verdict = self.run_test(exercise, self.stubs(exercise, found), seconds)
            if self.remote.usable:
                self.remote.end()
        except Gone:
            pass  # a verdict that stands is kept; else the process's end is the verdict
        if not self.remote.usable:
            gone = self.remote.gone or Gone("timeout", "the test took too long")
            how = self.lost(gone, exercise.name, "while it was tested")
            if verdict is None or verdict.status in ("timeout", "died"):
                status = "timeout" if gone.status == "timeout" else "died"
                verdict = Verdict(status, 0, f"`{exercise.name}`: {how}")
        elif self.remote.over is not None:
            self.event("timeout", exercise.name, f"while it was tested: {self.remote.over.text}")
        self.tests_left -= time.monotonic() - start
        return verdict

    def begin(self, exercise: Exercise, replaced: list[str], seconds: float) -> dict:
        values: dict[str, Any] = {}
        if replaced:
            try:
                values = stand_ins(self.chapter, replaced)
            except Exception as error:  # the course's own fault: grade on, and say so
                self.event("grader", exercise.name, f"no reference for {replaced}: {error}")
        stubs = {name: v for name, v in values.items() if name not in exercise.defines}
        seed = _seed_of(exercise)
        _seed(seed)
        return self.remote.begin(list(exercise.defines), stubs, seed, seconds)

    def missing(self, exercise: Exercise, found: dict) -> Verdict | None:
        """The verdict where the exercise's own name is not there or is not usable."""
        name = exercise.name if exercise.name in found else next(iter(found), None)
        kind, detail = found.get(name, ("missing", None))
        if kind == "missing":
            status, why = self.trouble.get(exercise.name, ("missing", ""))
            text = f"`{name}` is not defined" + (f": {why}" if why else "")
            return Verdict(status, 0, text)
        if kind == "value" and name in _function_names(exercise.solution):
            what = plain.article(plain.type_name(detail))
            return Verdict("failed", 0, f"`{name}` is {what}, not a function")
        if kind == "unusable":
            return Verdict("failed", 0, f"`{name}` cannot be used: {_one_line(str(detail))}")
        return None

    def stubs(self, exercise: Exercise, found: dict) -> dict[str, Any]:
        """What the test finds under the exercise's names."""
        classes = _class_names(exercise.solution)
        bound: dict[str, Any] = {}
        for name, (kind, detail) in found.items():
            if kind == "value":
                bound[name] = detail
            elif kind in ("function", "class"):
                stub = RemoteClass if name in classes else RemoteFunction
                bound[name] = stub(self.remote, name, name, detail)
        return bound

    def run_test(self, exercise: Exercise, bound: dict[str, Any], seconds: float) -> Verdict:
        """Run the test cell here and judge how it ends."""
        body, last = _compiled(exercise.test)
        space = {"__name__": "__main__", "__builtins__": builtins, **bound}
        value = None
        try:
            with _quiet(), self.time_limit(seconds):
                exec(body, space)
                if last is not None:
                    value = eval(last, space)
        except Over as over:
            return self.overdue(exercise, over)
        except BaseException as error:  # whatever a test ends with, an exit() too, is its verdict
            verdict = self.judge_exception(exercise, error)
        else:
            verdict = self.judge_value(exercise, value)
        if self.remote.over is not None:  # the test swallowed it
            return self.overdue(exercise, self.remote.over)
        return verdict

    def overdue(self, exercise: Exercise, over: Over) -> Verdict:
        if self.remote.over is None:
            self.remote.over = over
        if over.status == "timeout":
            text = f"`{exercise.name}` takes too long: {over.text} ({self.limits.test:g} seconds)"
            return Verdict("timeout", 0, text)
        return Verdict("died", 0, f"`{exercise.name}`: {over.text}")

    @contextlib.contextmanager
    def time_limit(self, seconds: float):
        """Ends a test whose own code runs on; the student's calls have limits of their own."""

        def ring(number, frame):
            raise Over("timeout", "the test took too long")

        signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, seconds + self.limits.grace + 0.5, 1.0)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def judge_value(self, exercise: Exercise, value: Any) -> Verdict:
        """Full points, or as many as the test's last expression says (nbgrader's partial credit)."""
        points = float(exercise.points)
        if isinstance(value, bool | np.bool_) or not isinstance(
            value, int | float | np.integer | np.floating
        ):
            return Verdict("passed", points)
        earned = float(value)
        if not math.isfinite(earned) or not 0 <= earned <= points:
            text = f"the test's last value is {earned:g}; it must be from 0 to {points:g} points"
            self.event("grader", exercise.name, text)
            earned = min(max(earned, 0.0), points) if math.isfinite(earned) else 0.0
        if earned == points:
            return Verdict("passed", points)
        return Verdict("failed", earned, f"{earned:g} of {points:g} points")

    def judge_exception(self, exercise: Exercise, error: BaseException) -> Verdict:
        """The verdict on an exercise whose test raised; the text never shows the test's code."""
        told = getattr(error, "student", None)
        if any(_unwritten(e) for e in _with_causes(error)):
            return Verdict("missing", 0, f"`{exercise.name}` is not written yet")
        kind = plain.type_name(error)
        text = _one_line(_text_of(error))
        if told is not None:
            message = f"`{exercise.name}` raised {kind}" + (f": {text}" if text else "")
            if told["number"]:
                line = f": {_one_line(told['line'])}" if told["line"] else ""
                message += f" (line {told['number']} of the cell{line})"
            return Verdict("error", 0, message)
        if isinstance(error, AssertionError):
            return Verdict("failed", 0, text or _NO_TEXT)
        if isinstance(error, NameError) and error.name in exercise.defines:
            return Verdict("missing", 0, f"`{error.name}` is not defined")
        used = f"the tests could not use the result of `{exercise.name}`: {kind}"
        return Verdict("failed", 0, used + (f": {text}" if text else ""))

    # ---- diagnosis

    def diagnose(self, exercise: Exercise, replaced: list[str]) -> tuple[str | None, str]:
        """What ``check`` says: the known mistake's name if it is one, and the text."""
        from unrolled.diagnosis import diagnose

        key = self.key.get(exercise.name)
        if key is None or not self.ready():
            return None, ""
        seconds = self.limits.diagnosis
        said = None
        try:
            found = self.begin(exercise, replaced, seconds)
            function = self.stubs(exercise, found).get(exercise.name)
            if isinstance(function, RemoteFunction):
                self.remote.seed = 0
                with _quiet(), self.time_limit(seconds):
                    said = diagnose(function, exercise.name, key, through=(Over,))
            if self.remote.usable:
                self.remote.end()
        except Over as over:
            if self.remote.over is None:
                self.remote.over = over
        except Exception as error:  # advice is a help, never a reason to fail
            self.event("grader", exercise.name, f"no diagnosis: {type(error).__name__}: {error}")
        if not self.remote.usable:
            gone = self.remote.gone or Gone("timeout", "it took too long")
            self.lost(gone, exercise.name, "while it was compared with known mistakes")
        if said is None or said.right:
            return None, ""
        return said.diagnosis, said.text


def _error_output(name: str, text: str) -> dict[str, Any]:
    line = f"{name}: {text}"
    return {"output_type": "error", "ename": name, "evalue": text, "traceback": [line]}


def _one_line(text: str) -> str:
    """The first line that says something: the rest of a long message may show the test's data."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    line = lines[0] if lines else ""
    return line if len(line) <= 400 else line[:399] + "…"


def _text_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # formatting huge data can fail, for lack of memory for instance
        return ""


def _with_causes(error: BaseException | None):
    for _ in range(8):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__


def _unwritten(error: BaseException) -> bool:
    return isinstance(error, NotImplementedError) and getattr(error, "student", None) is not None


def _class_names(source: str) -> set[str]:
    return {node.name for node in ast.parse(source).body if isinstance(node, ast.ClassDef)}


def _function_names(source: str) -> set[str]:
    return {node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}


@functools.lru_cache(maxsize=1000)
def _compiled(test: str) -> tuple[types.CodeType, types.CodeType | None]:
    """A test cell without its visible ``check(…)``, which judges nothing, and its last expression.

    Kept, since the warm process compiles the tests of a chapter for all its examiners.
    """
    tree = ast.parse(test, "<test>")
    body = [statement for statement in tree.body if not _is_check(statement)]
    last = None
    if body and isinstance(body[-1], ast.Expr):
        last = compile(ast.Expression(body.pop().value), "<test>", "eval", dont_inherit=True)
    module = ast.Module(body=body, type_ignores=[])
    return compile(module, "<test>", "exec", dont_inherit=True), last


def _is_check(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.ImportFrom):
        names = [alias.asname or alias.name for alias in statement.names]
        return statement.module == "unrolled" and names == ["check"]
    call = statement.value if isinstance(statement, ast.Expr) else None
    return (
        isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "check"
    )


def _seed_of(exercise: Exercise) -> int:
    """The same for every submission, another for every exercise."""
    return zlib.crc32(f"{exercise.chapter.name}/{exercise.name}".encode())


def _seed(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed)


class _Nowhere(io.TextIOBase):
    """Swallows what tests and the diagnosis print."""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        return len(text)


@contextlib.contextmanager
def _quiet():
    nowhere = _Nowhere()
    with (
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        yield


# ---- the warm process ------------------------------------------------------------------------------


class Host:
    """Reads chapters once and forks an examiner for each submission.

    The worker asks ``("examine", number, job)`` with the socket for that examiner's reports, and
    ``("end", number)`` when it has heard enough.
    """

    def __init__(self, worker: Channel):
        self.worker = worker
        self.materials: dict[tuple[str, str], tuple[Any, Material]] = {}
        self.examiners: dict[int, int] = {}

    def serve(self) -> None:
        self.worker.send(("ready", ""))
        while True:
            try:
                message, descriptors = self.worker.receive_with_descriptors()
            except Closed:
                os._exit(0)
            if message[0] == "examine":
                self.examine(message[1], message[2], descriptors[0])
            elif message[0] == "end":
                pid = self.examiners.pop(message[1])
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                self.worker.send(("ended", message[1]))

    def examine(self, number: int, job: dict[str, Any], descriptor: int) -> None:
        failure = material = None
        try:
            material = self.material(job["root"], job["chapter"])
        except UserError as error:
            failure = str(error)
        pid = os.fork()
        if pid == 0:
            self.become_examiner(material, failure, job, descriptor)
        os.close(descriptor)
        self.examiners[number] = pid

    def material(self, root: str, name: str) -> Material:
        """The chapter as it stands on disk now."""
        chapter = load_course(Path(root)).select([name])[0]
        watched = [chapter.source, chapter.course.solutions / "course.toml"]
        watched += [chapter.course.chapters[earlier].source for earlier in chapter.given]
        watched += sorted(path for path in chapter.released.rglob("*") if path.is_file())
        stamp = [
            (str(path), path.stat().st_mtime_ns, path.stat().st_size)
            for path in watched
            if path.is_file()
        ]
        known = self.materials.get((root, name))
        if known is not None and known[0] == stamp:
            return known[1]
        _compile_cells(chapter)
        material = _material(chapter)
        _import_modules(chapter)
        self.materials[root, name] = (stamp, material)
        return material

    def become_examiner(
        self, material: Material | None, failure: str | None, job: dict[str, Any], descriptor: int
    ) -> None:
        try:
            self.worker.socket.close()
            sandbox.die_with_parent()
            channel = Channel(socket.socket(fileno=descriptor))
            if failure is not None:
                channel.send(("failed", failure))
                return
            limits = Limits(**job["limits"])
            sandbox.limit_memory(limits)
            os.makedirs(job["folder"], exist_ok=True)
            os.chdir(job["folder"])
            os.environ["UNROLLED_KEY"] = str(material.chapter.released)
            if material.given is not None:
                given = sys.modules["given"] = types.ModuleType("given")
                exec(material.given, vars(given))
            cells = [Cell(*cell) for cell in job["cells"]]
            try:
                Examination(material, cells, job["only"], limits, channel).run()
            except UserError as error:
                channel.send(("failed", str(error)))
        except Closed:
            pass  # the worker has heard enough
        except BaseException as error:
            print(f"examiner: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
            import traceback

            traceback.print_exc()
        finally:
            os._exit(0)


def _material(chapter: Chapter) -> Material:
    from autograder.authoring.given import given_source
    from unrolled.key import KeyUnreadable, read_key

    given = given_source(chapter)
    files: dict[str, bytes] = {}
    for path in sorted(chapter.released.rglob("*")):
        name = path.relative_to(chapter.released)
        hidden = any(part.startswith((".", "__")) for part in name.parts)
        if path.is_file() and path.suffix != ".ipynb" and not hidden:
            files[name.as_posix()] = path.read_bytes()
    if given is not None:
        files["given.py"] = given.encode()
    try:
        key = read_key(chapter.key_file)
    except KeyUnreadable:
        key = {}
    imports = next(c.id for c in chapter.notebook().cells if c.source == chapter.imports)
    code = None if given is None else compile(given, "given.py", "exec", dont_inherit=True)
    return Material(chapter, files, code, key, imports)


def _compile_cells(chapter: Chapter) -> None:
    """Compile what every examiner needs; UserError where it is not Python: nobody can be graded."""
    cells = [("the imports cell", chapter.imports)]
    cells += [(f"the test cell of {name}", e.test) for name, e in chapter.exercises.items()]
    for where, source in cells:
        try:
            _compiled(source)
        except SyntaxError as error:
            raise UserError(
                f"{chapter.source}: {where}, line {error.lineno}: {error.msg}. Correct it, build "
                "the chapter and grade again"
            ) from error


def _import_modules(chapter: Chapter) -> None:
    """Import what the chapter and its tests import: once here, not in every examiner."""
    for source in (chapter.imports, *(exercise.test for exercise in chapter.exercises.values())):
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            else:
                continue
            for name in names:
                # most of what is imported from a module is no module, and the chapter's own
                # functions are lifted out of its text
                with contextlib.suppress(ImportError):
                    importlib.import_module(name)
    # torch itself imports these at the first use of an optimiser and of a gradient that is given to
    # backward(), and takes a second and half a second for them
    tests = "\n".join(exercise.test for exercise in chapter.exercises.values())
    if "torch" in sys.modules and "optim" in tests:
        import torch._dynamo
    if "torch" in sys.modules and ("backward(" in tests or "autograd" in tests):
        import torch.fx.experimental.symbolic_shapes  # noqa: F401


def main(descriptor: int) -> None:
    """The warm process: serves until the worker hangs up."""
    sandbox.die_with_parent()
    import unrolled.diagnosis  # noqa: F401  (once here, not in every examiner)

    Host(Channel(socket.socket(fileno=descriptor))).serve()
