"""The examiner's end of the conversation with a student's process, and the stubs that use it.

A stub looks like the student's function and runs it over there: arguments go as plain data, the
result comes back as plain data, arguments that were changed in place are changed here too, and an
exception is raised here as one of the same built-in kind. Everything that arrives is checked against
what was asked for; anything else ends the conversation (``Gone``), never the examiner.
"""

from __future__ import annotations

import builtins
import inspect
import itertools
import time
from collections.abc import Callable, Mapping
from typing import Any

from autograder.grading import arguments
from autograder.grading.limits import Limits
from autograder.grading.pipe import Broken, Channel, Closed, Late, PipeError
from unrolled import plain
from unrolled.probes import PROBED_BY

MAX_TEXT = 500
_MAX_NESTING = 12
_MAX_HANDLES = 100_000
_MAX_LINES = 10_000_000

# These end loops and comprehensions without a word, so a function that raised one could make a test
# skip its assertions.
_NOT_RAISED_AGAIN = {"StopIteration", "StopAsyncIteration", "GeneratorExit"}


class Over(BaseException):
    """The running test is over; no ``except Exception`` of a test holds it."""

    def __init__(self, status: str, text: str):
        super().__init__(text)
        self.status = status
        self.text = text


class Gone(Over):
    """The student's process can no longer be used: ``died``, ``timeout`` or ``protocol``."""


class TooSlow(Over):
    """The student's code used up its time and was interrupted; its process can still be used."""

    def __init__(self, text: str):
        super().__init__("timeout", text)


class Remote:
    """One student's process, as long as it lasts."""

    def __init__(self, channel: Channel, limits: Limits):
        self.channel = channel
        self.limits = limits
        self.deadline = time.monotonic()
        """When the running cell or test has used up its time."""
        self.over: Over | None = None
        """What ended the running test, where something did."""
        self.gone: Gone | None = None
        self.seed: int | None = None
        """Where set, the student's global random generators start from it in every call."""
        self._numbers = itertools.count(1)
        self._callables: dict[int, Callable] = {}
        self._open = 0

    # ---- requests ------------------------------------------------------------------------------

    def start(self, files: Mapping[str, bytes], seed: int) -> None:
        """Make the process ready for its first cell."""
        options = {"limits": self.limits.as_plain(), "files": dict(files), "seed": seed}
        self.deadline = time.monotonic() + self.limits.cell
        self._check(self._request("start", options), "done")

    def run_cell(
        self, cell: str, source: str, seconds: float
    ) -> tuple[list, int | None, str, bool]:
        """Outputs as sent, execution count, how it ended (ok, error, timeout), whether cut short."""
        self.deadline = time.monotonic() + seconds
        reply = self._request("cell", cell, source, float(seconds))
        _, _, outputs, count, ended, truncated = self._check(
            reply, "ran", list, (int, type(None)), str, bool
        )
        if ended not in ("ok", "error", "timeout"):
            self._end("protocol", "a cell that ended in an unknown way")
        return outputs, count, ended, truncated

    def begin(
        self, names: list[str], stubs: Mapping[str, Any], seed: int, seconds: float
    ) -> dict[str, tuple[str, Any]]:
        """Start a test: what each name is over there (function, class, value, unusable, missing)."""
        self.deadline = time.monotonic() + seconds
        self.over = None
        reply = self._request("begin", list(names), dict(stubs), seed)
        found = self._check(reply, "begun", dict)[2]
        if found.keys() != set(names):
            self._end("protocol", "an answer about other names than were asked for")
        for entry in found.values():
            if type(entry) is not tuple or len(entry) != 2 or type(entry[0]) is not str:
                self._end("protocol", "an answer of unknown form")
        return found

    def end(self) -> None:
        """After a test: the student's process puts everything back and forgets its handles."""
        self._callables.clear()
        self.seed = None
        self.deadline = time.monotonic() + self.limits.grace
        self._check(self._request("end"), "done")

    def call(self, target: str | int, method: str | None, args: tuple, kwargs: dict) -> Any:
        """Call a function over there. Raises what it raised, TypeError for what cannot cross."""
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            self.over = TooSlow("the test took too long")
            raise self.over
        reply = self._request("call", target, method, args, kwargs, seconds, self.seed)
        if reply[0] == "returned":
            _, _, value, changed = self._check(reply, "returned", object, dict)
            self._take_over(args, kwargs, changed)
            return value
        raise self._raised(reply, args, kwargs)

    def look(self, handle: int, attribute: str) -> tuple[str, Any]:
        """("method", None) or ("value", the plain value) for an attribute of an object there."""
        seconds = max(0.01, self.deadline - time.monotonic())
        reply = self._request("look", handle, attribute, seconds)
        if reply[0] == "looked":
            _, _, kind, value = self._check(reply, "looked", str, object)
            if kind not in ("method", "value"):
                self._end("protocol", "an attribute of unknown kind")
            return kind, value
        raise self._raised(reply, (), {})

    def _raised(self, reply: tuple, args: tuple, kwargs: dict) -> BaseException:
        if reply[0] == "timeout":
            self._check(reply, "timeout")
            self.over = TooSlow("it ran longer than it may")
            return self.over
        _, _, told, changed = self._check(reply, "raised", dict, dict)
        error = exception_from(told)
        if error is None:
            self._end("protocol", "an exception of unknown form")
        self._take_over(args, kwargs, changed)
        return error

    def _take_over(self, args: tuple, kwargs: dict, changed: dict) -> None:
        if not all(type(key) in (int, str) for key in changed):
            self._end("protocol", "changes of unknown form")
        arguments.take_over(args, kwargs, changed)

    # ---- the conversation ------------------------------------------------------------------------

    def _request(self, kind: str, *fields: Any) -> tuple:
        """Send a request and wait for its answer, serving the calls back that come before it."""
        if self.gone is not None:
            raise self.gone
        number = next(self._numbers)
        packed = self.channel.packed((kind, number, *fields), self._register)
        until = self.deadline + self.limits.grace
        self._open += 1
        try:
            self.channel.send_packed(packed, until=until)
            while True:
                reply = self.channel.receive(until=until, callables=self._make)
                if reply[0] == "callback":
                    self._answer(reply, until)
                    continue
                if len(reply) < 2 or type(reply[1]) is not int or reply[1] != number:
                    self._end("protocol", "an answer to something that was not asked")
                break
        except Closed:
            self._end("died", "its process ended")
        except Late:
            self._end("timeout", "it ran longer than it may and could not be interrupted")
        except Broken as error:
            self._end("protocol", str(error))
        # an interruption leaves the request open, and with it the conversation unusable
        self._open -= 1
        return reply

    @property
    def usable(self) -> bool:
        """Whether another request can be made."""
        return self.gone is None and self._open == 0

    def _end(self, status: str, text: str) -> None:
        self.over = self.gone = Gone(status, text)
        raise self.gone from None

    def _check(self, reply: tuple, kind: str, *fields: type | tuple[type, ...]) -> tuple:
        if reply[0] != kind or len(reply) != 2 + len(fields):
            self._end("protocol", f"an answer that is none to this request: {reply[0][:40]!r}")
        for value, expected in zip(reply[2:], fields, strict=True):
            if expected is not object and type(value) not in (
                expected if isinstance(expected, tuple) else (expected,)
            ):
                self._end("protocol", "an answer of unknown form")
        return reply

    def _answer(self, message: tuple, until: float) -> None:
        """A call back: the student's function calls a function that it was given."""
        _, number, handle, args, kwargs = self._check_callback(message)
        function = self._callables.get(handle)
        try:
            if function is None:
                raise RuntimeError("this function can only be called during the test that gave it")
            if self._open > _MAX_NESTING:
                raise RecursionError("functions that call each other too deeply")
            before = arguments.fingerprints(args, kwargs)
            value = function(*args, **kwargs)
            changed = arguments.changes(args, kwargs, before)
            packed = self.channel.packed(("answer", number, value, changed), self._register)
        except PipeError:
            raise
        except Exception as error:  # the student's function hears of it, as from any other call
            kind = next(k.__name__ for k in type(error).__mro__ if k.__module__ == "builtins")
            packed = self.channel.packed(("refused", number, kind, str(error)[:MAX_TEXT]))
        self.channel.send_packed(packed, until=until)

    def _check_callback(self, message: tuple) -> tuple:
        kinds = (int, int, tuple, dict)
        if len(message) != 5 or any(
            type(value) is not kind for value, kind in zip(message[1:], kinds, strict=True)
        ):
            self._end("protocol", "a call back of unknown form")
        if not all(type(name) is str for name in message[4]):
            self._end("protocol", "a call back of unknown form")
        return message

    def _register(self, function: Callable) -> int:
        """A number for a function that goes to the student's process."""
        if isinstance(function, RemoteFunction | RemoteObject) and isinstance(
            target := object.__getattribute__(function, "_target"), int
        ):
            return -target
        number = len(self._callables) + 1
        self._callables[number] = function
        return number

    def _make(self, handle: int) -> RemoteFunction:
        """A stub for a function that came as a result."""
        if not 0 < handle <= _MAX_HANDLES:
            raise plain.Malformed("a handle out of range")
        return RemoteFunction(self, handle, "function")


# ---- stubs -----------------------------------------------------------------------------------------


class RemoteFunction:
    """A student's function. It can be called, and looked at by a probe; nothing else."""

    def __init__(self, remote: Remote, target: str | int, name: str, parameters: Any = None):
        self._remote = remote
        self._target = target
        self.__name__ = self.__qualname__ = name
        signature = _signature(parameters)
        if signature is not None:
            self.__signature__ = signature

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._remote.call(self._target, None, args, kwargs)

    def probed_by(self, probe: str, *args: Any) -> Any:
        """What a probe (``unrolled.probes``) says that it found, over there, beside the function."""
        return self._remote.call(self._target, PROBED_BY + probe, args, {})

    def __repr__(self) -> str:
        return f"<function {self.__name__}>"


class RemoteClass(RemoteFunction):
    """A student's class: calling it makes an object over there and gives a handle of it."""

    def __call__(self, *args: Any, **kwargs: Any) -> RemoteObject:
        made = super().__call__(*args, **kwargs)
        if not isinstance(made, RemoteFunction):
            raise TypeError(f"{self.__name__}(…) made {plain.article(plain.type_name(made))}")
        return RemoteObject(self._remote, made._target, self.__name__)


class RemoteObject:
    """An object of a student's class: its attributes and the results of its methods are plain data.

    Names with two underscores at both ends are never looked up over there, so that it cannot pose
    as an array or as equal to one.
    """

    def __init__(self, remote: Remote, target: int, name: str):
        for key, value in (("_remote", remote), ("_target", target), ("_name", name)):
            object.__setattr__(self, key, value)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._remote.call(self._target, None, args, kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(f"{self._name!r} object has no attribute {name!r}")
        kind, value = self._remote.look(self._target, name)
        if kind == "value":
            return value

        def method(*args: Any, **kwargs: Any) -> Any:
            return self._remote.call(self._target, name, args, kwargs)

        return method

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("attributes of a student's object cannot be set from a test")

    def __repr__(self) -> str:
        return f"<{self._name} object>"


def _signature(parameters: Any) -> inspect.Signature | None:
    """The signature that was told, or None where it was not or is impossible."""
    try:
        return inspect.Signature(
            [
                inspect.Parameter(
                    name,
                    inspect._ParameterKind(kind),
                    default=None if optional else inspect.Parameter.empty,
                )
                for name, kind, optional in parameters
            ]
        )
    except (TypeError, ValueError):
        return None


# ---- exceptions ------------------------------------------------------------------------------------


def exception_from(told: dict[str, Any]) -> Exception | None:
    """An exception that behaves like the one that the student's function raised; None if malformed.

    It is of the nearest built-in kind and carries ``student``: what was told about it.
    """
    kinds, message = told.get("kinds"), told.get("message")
    fine = (
        told.keys() == {"kinds", "message", "line", "number", "cell"}
        and type(kinds) is list
        and 0 < len(kinds) <= 20
        and all(type(kind) is str and len(kind) <= 80 for kind in kinds)
        and type(message) is str
        and len(message) <= MAX_TEXT
        and (told["number"] is None or type(told["number"]) is int)
        and 0 <= (told["number"] or 0) <= _MAX_LINES  # a huge number cannot even be printed
        and all(told[k] is None or type(told[k]) is str for k in ("line", "cell"))
    )
    if not fine:
        return None
    base = next(filter(None, map(_builtin, kinds)), RuntimeError)
    name = kinds[0] if kinds[0].isidentifier() else base.__name__
    kind = type(name, (base,), {"__str__": lambda self: message, "__module__": "builtins"})
    try:
        error = kind(message)
    except TypeError:  # UnicodeError and its like want more than a message
        error = type(name, (RuntimeError,), {"__str__": lambda self: message})(message)
    error.student = told
    # for unrolled.outcomes: the line to show in place of this process's own
    error.student_line = told["line"], told["number"], told["cell"] is None
    return error


def _builtin(name: str) -> type[Exception] | None:
    if name in _NOT_RAISED_AGAIN:
        return RuntimeError
    kind = getattr(builtins, name, None)
    if isinstance(kind, type) and issubclass(kind, Exception) and kind is not Exception:
        return kind
    return Exception if name == "Exception" else None
