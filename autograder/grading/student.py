"""The student's process: runs the notebook's cells, then answers calls of its functions.

Nothing here is trusted by anyone, and nothing secret ever comes here: what arrives are the
student's own cells and the arguments of calls. The code keeps to the protocol so that honest
notebooks work; the examiner makes sure of the rest.
"""

from __future__ import annotations

import builtins
import functools
import importlib.abc
import importlib.util
import linecache
import os
import random
import signal
import sys
import time
import types
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import numpy as np
from IPython.core.history import HistoryManager
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from autograder.grading import arguments
from autograder.grading.display import Outputs, Publisher, ResultHook, Stream
from autograder.grading.limits import Limits
from autograder.grading.pipe import Channel, PipeError
from unrolled import plain, probes

MAX_TEXT = 500
_REPEAT = 0.5
"""Seconds after which an interrupt that was swallowed is raised again."""


class TimeLimit(BaseException):
    """Raised in student code that has run too long; no ``except Exception`` holds it."""


# ---- the shell ---------------------------------------------------------------------------------


class NotebookShell(InteractiveShell):
    """An IPython shell that shows what a notebook would show and asks nobody anything."""

    outputs: Outputs

    display_pub_class = Type(Publisher)
    displayhook_class = Type(ResultHook)

    def show_in(self, outputs: Outputs) -> None:
        """Have everything that is shown collected in ``outputs``."""
        self.outputs = self.display_pub.outputs = self.displayhook.outputs = outputs
        sys.stdout, sys.stderr = Stream(outputs, "stdout"), Stream(outputs, "stderr")

    def _showtraceback(self, etype, evalue, stb) -> None:
        self.outputs.add(
            {
                "output_type": "error",
                "ename": plain.type_name(evalue) if evalue is not None else str(etype),
                "evalue": _text_of(evalue),
                "traceback": [str(line) for line in stb],
            }
        )

    def system(self, cmd: str) -> None:
        print(f"while grading, commands of the system are not run: !{cmd}", file=sys.stderr)

    system_piped = system_raw = system

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0):
        self.system(cmd)
        return [] if split else ""

    def ask_exit(self) -> None:
        pass

    def enable_gui(self, gui=None) -> None:
        pass

    def init_readline(self) -> None:
        pass


def make_shell() -> NotebookShell:
    """The one shell of this process. Made before the fork: it takes a while."""
    HistoryManager.enabled = False
    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.history_length = 0
    config.InteractiveShell.cache_size = 0
    return NotebookShell.instance(config=config, user_ns={})


def _no_input(prompt: object = "") -> str:
    raise RuntimeError("input() cannot be answered while a notebook is graded")


# ---- the protocol --------------------------------------------------------------------------------


class Student:
    """Serves the examiner's requests, one after another, until it hangs up."""

    def __init__(self, shell: NotebookShell, channel: Channel):
        self.shell = shell
        self.channel = channel
        self.outputs = Outputs(0, 0)
        self.handles: dict[int, Any] = {}
        self.replaced: dict[str, Any] = {}
        self.cells: dict[int, str] = {}
        """Execution count -> cell."""
        self.randomness: list[Callable[[], None]] = []
        self._protected = True
        self._deadline: float | None = None
        self._callbacks = 0

    def serve(self) -> None:
        """Answer until the other side hangs up."""
        signal.signal(signal.SIGALRM, self._on_alarm)
        while True:
            try:
                message = self.channel.receive(callables=self._callable)
                self._handle(message)
            except PipeError:
                return

    def _handle(self, message: tuple) -> None:
        kind, number, *fields = message
        getattr(self, f"_do_{kind}")(number, *fields)

    def _reply(self, *message: Any, register: Callable | None = None) -> None:
        self.channel.send(message, callables=register)

    # -- requests

    def _do_start(self, number: int, options: dict) -> None:
        limits = Limits(**options["limits"])
        self.outputs = Outputs(limits.output_cell, limits.output_notebook)
        self.shell.show_in(self.outputs)
        for name, content in options["files"].items():
            if folder := os.path.dirname(name):
                os.makedirs(folder, exist_ok=True)
            with open(name, "wb") as file:
                file.write(content)
        _seed(options["seed"])
        self._reply("done", number)

    def _do_cell(self, number: int, cell: str, source: str, seconds: float) -> None:
        self.outputs.start()
        count = self.shell.execution_count
        self.cells[count] = cell
        self.shell.displayhook.count = count
        ended = "ok"
        try:
            with self._time_limit(seconds):
                result = self.shell.run_cell(source, store_history=True)
                if isinstance(result.error_in_exec, TimeLimit):
                    ended = "timeout"
                elif not result.success:
                    ended = "error"
        except TimeLimit:
            ended = "timeout"
        except BaseException as error:  # an exception that IPython itself did not hold
            ended = "error"
            self.outputs.write("stderr", f"{plain.type_name(error)}: {_text_of(error)}\n")
        shown = self.outputs.finish()
        self._reply("ran", number, shown, count, ended, self.outputs.truncated)
        self.outputs.start()

    def _do_begin(self, number: int, names: list, stubs: dict, seed: int) -> None:
        """Before a test: other exercises are replaced, random numbers start afresh."""
        self._restore()
        space = self.shell.user_ns
        for name, stub in stubs.items():
            self.replaced[name] = space.get(name, _MISSING)
            space[name] = _named(stub, name)
        self.randomness = _randomness()
        _seed(seed)
        found = {}
        for name in names:
            value = space.get(name, _MISSING)
            if value is _MISSING:
                found[name] = ("missing", None)
            elif isinstance(value, type):
                found[name] = ("class", None)
            elif callable(value):
                found[name] = ("function", _parameters(value))
            else:
                try:
                    plain.pack(value)
                    found[name] = ("value", value)
                except plain.NotPlain as error:
                    found[name] = ("unusable", str(error)[:MAX_TEXT])
        self._reply("begun", number, found)

    def _do_end(self, number: int) -> None:
        self._restore()
        self._reply("done", number)

    def _restore(self) -> None:
        space = self.shell.user_ns
        for name, value in self.replaced.items():
            if value is _MISSING:
                space.pop(name, None)
            else:
                space[name] = value
        self.replaced = {}
        for restore in self.randomness:
            restore()
        self.randomness = []
        self.handles = {}
        self.outputs.start()

    def _do_call(
        self,
        number: int,
        target: str | int,
        method: str | None,
        args: tuple,
        kwargs: dict,
        seconds: float,
        seed: int | None,
    ) -> None:
        """Call a function by name or handle, or a method of the object with that handle."""
        before = arguments.fingerprints(args, kwargs)
        if seed is not None:
            _seed(seed)
        self.outputs.start()  # what calls print is not kept
        value, failure = None, None
        try:
            with self._time_limit(seconds):
                function = self._target(target)
                if method is not None and method.startswith(probes.PROBED_BY):
                    probe = probes.named(method.removeprefix(probes.PROBED_BY))
                    function = functools.partial(probe, function)
                elif method is not None:
                    function = getattr(function, method)
                value = function(*args, **kwargs)
                if method is not None and isinstance(value, _ITERATORS):
                    value = [item for _, item in zip(range(_MAX_ITEMS), value, strict=False)]
        except TimeLimit:
            self._reply("timeout", number)
            return
        except BaseException as error:
            failure = self._description(error)
        try:
            changed = arguments.changes(args, kwargs, before)
        except plain.NotPlain as error:
            changed, failure = {}, _failure("TypeError", f"an argument was changed: {error}")
        if failure is None:
            try:
                made = isinstance(target, str) and isinstance(self._target(target), type)
                if made and method is None and not callable(value):
                    value = _Handle(value)
                packed = self.channel.packed(("returned", number, value, changed), self._register)
                self.channel.send_packed(packed)
                return
            except plain.NotPlain as error:
                where = str(error).replace("message[2]", "the result").replace("message[3]", "it")
                failure = _failure("TypeError", where)
        self._reply("raised", number, failure, changed)

    def _do_look(self, number: int, handle: int, attribute: str, seconds: float) -> None:
        """An attribute of an object: plain data, or the news that it is a method."""
        try:
            with self._time_limit(seconds):
                value = getattr(self.handles[handle], attribute)
                if callable(value) and not plain.is_tensor(value):
                    reply = self.channel.packed(("looked", number, "method", None))
                else:
                    reply = self.channel.packed(("looked", number, "value", value))
        except TimeLimit:
            self._reply("timeout", number)
            return
        except BaseException as error:
            self._reply("raised", number, self._description(error), {})
            return
        self.channel.send_packed(reply)

    # -- objects that stay here, and callables that live with the examiner

    def _target(self, target: str | int) -> Any:
        if isinstance(target, int):
            return self.handles[target]
        return self.shell.user_ns[target]

    def _register(self, value: Any) -> int:
        number = len(self.handles) + 1
        self.handles[number] = value.value if isinstance(value, _Handle) else value
        return number

    def _callable(self, handle: int) -> Any:
        """A function here that calls one there; a number below zero is an object from here."""
        if handle < 0:
            return self.handles[-handle]

        def call_back(*args, **kwargs):
            return self._call_back(handle, args, kwargs)

        return call_back

    def _call_back(self, handle: int, args: tuple, kwargs: dict) -> Any:
        protected, self._protected = self._protected, True
        try:
            self._callbacks += 1
            number = self._callbacks
            try:
                message = ("callback", number, handle, args, kwargs)
                packed = self.channel.packed(message, self._register)
            except plain.NotPlain as error:
                text = str(error).replace("message[3]", "args").replace("message[4]", "kwargs")
                raise TypeError(f"this function takes plain data only: {text}") from None
            self.channel.send_packed(packed)
            while True:
                answer = self.channel.receive(callables=self._callable)
                if answer[0] in ("answer", "refused") and answer[1] == number:
                    break
                self._handle(answer)
            kind, _, *fields = answer
            if kind == "refused":
                raise _builtin_exception(fields[0])(fields[1])
            value, changed = fields
            arguments.take_over(args, kwargs, changed)
            return value
        finally:
            self._protected = protected

    # -- time

    def _on_alarm(self, number, frame) -> None:
        # not in the middle of a message, the rest of which would be read as another; the alarm
        # comes again soon
        if not self._protected:
            raise TimeLimit("ran too long while it was graded")

    @contextmanager
    def _time_limit(self, seconds: float):
        """Student code runs in this: it is interrupted after so many seconds."""
        outer, protected = self._deadline, self._protected
        self._deadline = time.monotonic() + seconds
        if outer is not None:
            self._deadline = min(outer, self._deadline)
        try:
            self._set_alarm()
            self._protected = False
            yield
        finally:
            self._protected = True
            self._deadline = outer
            self._set_alarm()
            self._protected = protected

    def _set_alarm(self) -> None:
        if self._deadline is None:
            signal.setitimer(signal.ITIMER_REAL, 0)
        else:
            left = max(0.001, self._deadline - time.monotonic())
            signal.setitimer(signal.ITIMER_REAL, left, _REPEAT)

    # -- exceptions

    def _description(self, error: BaseException) -> dict[str, Any]:
        """What may be said of an exception: its kinds, its text and the student's own line."""
        line = number = cell = None
        entry = error.__traceback__
        for _ in range(2000):
            if entry is None:
                break
            name = entry.tb_frame.f_code.co_filename
            count = self.shell.compile._filename_map.get(name)
            if count is not None:
                cell, number = self.cells.get(count, ""), entry.tb_lineno
                line = linecache.getline(name, number).strip()
            entry = entry.tb_next
        kinds = [kind.__name__ for kind in type.__dict__["__mro__"].__get__(type(error))]
        return {
            "kinds": [str(kind)[:80] for kind in kinds[:20]],
            "message": _text_of(error),
            "line": line[:200] if line else None,
            "number": number,
            "cell": cell,
        }


_MISSING = object()
_MAX_ITEMS = 100_000
_ITERATORS = (
    types.GeneratorType, map, filter, zip, enumerate,
    type({}.keys()), type({}.values()), type({}.items()),
)  # fmt: skip


class _Handle:
    """Has an object of the student's class sent as a handle."""

    def __init__(self, value: Any):
        self.value = value

    def __call__(self) -> None:
        raise TypeError("not a function")


def _failure(kind: str, message: str) -> dict[str, Any]:
    text = message[:MAX_TEXT]
    return {"kinds": [kind], "message": text, "line": None, "number": None, "cell": None}


def _text_of(error: BaseException | None) -> str:
    try:
        return str.__str__(str(error))[:MAX_TEXT]
    except BaseException:  # a broken __str__ is the student's, and no reason to stop
        return ""


def _parameters(function: Callable) -> list[tuple[str, int, bool]] | None:
    """Name, kind and whether a default exists, of each parameter; None where nobody knows."""
    import inspect

    try:
        parameters = inspect.signature(function).parameters.values()
        return [(p.name, int(p.kind), p.default is not p.empty) for p in parameters][:100]
    except BaseException:  # not every callable has a signature; a hostile one raises anything
        return None


def _named(stub: Any, name: str) -> Any:
    if callable(stub):
        stub.__name__ = stub.__qualname__ = name
    return stub


def _builtin_exception(name: str) -> type[Exception]:
    kind = getattr(builtins, name, None)
    if isinstance(kind, type) and issubclass(kind, Exception):
        return kind
    return RuntimeError


def _seed(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)
    _TorchFinder.seed = seed
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed)


class _TorchFinder(importlib.abc.MetaPathFinder):
    """Seeds torch's generator when torch is imported, which otherwise begins anywhere."""

    seed = 0

    def find_spec(self, name, path, target=None):
        if name != "torch":
            return None
        sys.meta_path.remove(self)  # the other finders find it
        spec = importlib.util.find_spec(name)
        if spec is not None:
            execute = spec.loader.exec_module

            def execute_and_seed(module):
                execute(module)
                module.manual_seed(self.seed)

            spec.loader.exec_module = execute_and_seed
        return spec


def _randomness() -> list[Callable[[], None]]:
    """Functions that put the global random generators back to where they are now."""
    state, numbers = random.getstate(), np.random.get_state()
    restore = [lambda: random.setstate(state), lambda: np.random.set_state(numbers)]
    if "torch" in sys.modules:
        torch = sys.modules["torch"]
        tensor = torch.get_rng_state()
        restore.append(lambda: torch.set_rng_state(tensor))
    return restore


def run(shell: NotebookShell, channel: Channel, work: str) -> None:
    """Be the student's process from here on: returns when the examiner hangs up."""
    os.chdir(work)
    sys.path.insert(0, "")
    builtins.input = _no_input
    import getpass

    getpass.getpass = _no_input
    if "torch" not in sys.modules:
        sys.meta_path.insert(0, _TorchFinder())
    Student(shell, channel).serve()
