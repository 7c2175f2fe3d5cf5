"""What one call of an exercise's function does, as plain data that can be stored and compared.

``observe`` calls a function on copies of a case's arguments and writes down everything that a
verdict may rest on: the results or the exception, and which arguments were changed. The answer
keys hold such outcomes of the solution and of every known mistake; ``check`` observes the student's
function in the same way and compares.
"""

from __future__ import annotations

import contextlib
import itertools
import linecache
import os
import random
import re
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import CodeType, CoroutineType, TracebackType
from typing import Any

import numpy as np

from unrolled import plain
from unrolled.behaviours import BEHAVIOURS, FUNCTIONS

MAX_RESULT_BYTES = 64 * 2**20
MAX_RESULT_ELEMENTS = 200_000
MAX_MESSAGE = 300

_HERE = os.path.dirname(os.path.abspath(__file__))
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{4,}")
_NUMBER = re.compile(r"-?\d+(\.\d*)?([eE][-+]?\d+)?")


@dataclass(frozen=True)
class Spec:
    """What an exercise's function returns and how its results are compared.

    returns: result name -> its dims, separated by spaces ("" for a single number), in order.
    rtol, atol: None means: by the dtype (see ``unrolled.diagnosis``).
    observe: a name in ``unrolled.behaviours.BEHAVIOURS``, where many answers are right.
    """

    exercise: str
    returns: dict[str, str]
    rtol: float | None = None
    atol: float | None = None
    observe: str | None = None

    def __post_init__(self):
        if not self.returns:
            raise ValueError(f"{self.exercise}: RETURNS names at least one result")
        if self.observe is not None and self.observe not in BEHAVIOURS:
            known = ", ".join(sorted(BEHAVIOURS))
            raise ValueError(f"{self.exercise}: OBSERVE is none of {known}: {self.observe!r}")


@dataclass(frozen=True)
class Case:
    """One call: arguments by name in the order of the signature, and the sizes behind them.

    An argument is plain data (``unrolled.plain``), a ``numpy.random.Generator``, or
    ``{"callable": name}`` for one of ``unrolled.behaviours.FUNCTIONS``.

    what: what is special about it, where that is no size: "logits of ten thousand".
    """

    dims: dict[str, int]
    args: dict[str, Any]
    what: str = ""


@dataclass(frozen=True)
class Strange:
    """Stands for a result that is not plain data: only a description of it is kept."""

    description: str


@dataclass(frozen=True)
class Raised:
    """An exception that ended a call.

    line, number: the last line of the student's own code that it passed through, None if none.
    in_call: raised by the call itself, before the function's first line (wrong arguments).
    """

    kind: str
    message: str = ""
    line: str | None = None
    number: int | None = None
    in_call: bool = False
    unwritten: bool = False
    """Whether it is a NotImplementedError: the mark of an exercise still to be written."""
    unwritten_by: str | None = field(default=None, compare=False)
    """The function that raised it, where that is not the called one but another of the student's."""

    @property
    def pattern(self) -> str:
        """Kind and message with every number left out: equal for the same slip in other sizes."""
        return f"{self.kind}: {_NUMBER.sub('#', self.message)}"


@dataclass(frozen=True)
class Outcome:
    """What one call did. Exactly one of ``raised`` and ``results`` is not None.

    results: copies, or ``Strange``. With an observed behaviour they are zeros of the same shape and
        dtype, so that an outcome never tells the answer.
    form: "value", or "tuple"/"list" where several results were expected and came in one.
    observed: what the results do, where the spec names a behaviour and they are fit for it.
    changed: names of arguments that the call changed in place.
    shared: names of arguments that a result shares memory with.
    """

    raised: Raised | None = None
    results: tuple[Any, ...] | None = None
    form: str = "value"
    observed: dict[str, Any] | None = None
    changed: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    printed: bool = field(default=False, compare=False)


def read_cases(exercise: str, names: Mapping[str, Any]) -> tuple[Spec, list[Case]]:
    """Spec and cases from the names that an executed ``cases.py`` binds.

    Raises ValueError, naming the exercise and the part, where they are not as they must be.
    """
    returns = names.get("RETURNS")
    if not isinstance(returns, dict) or not all(
        isinstance(name, str) and isinstance(dims, str) for name, dims in returns.items()
    ):
        raise ValueError(f'{exercise}: RETURNS must be like {{"h_t": "B H"}}')
    tolerance = names.get("TOLERANCE") or {}
    if not isinstance(tolerance, dict) or set(tolerance) - {"rtol", "atol"}:
        raise ValueError(f"{exercise}: TOLERANCE has the keys rtol and atol only")
    spec = Spec(exercise, dict(returns), observe=names.get("OBSERVE"), **tolerance)
    if not callable(names.get("cases")):
        raise ValueError(f"{exercise}: cases() is missing")
    cases = []
    for number, entry in enumerate(names["cases"]()):
        if not isinstance(entry, dict) or set(entry) - {"what"} != {"dims", "args"}:
            raise ValueError(
                f'{exercise}: case {number} must have the keys "dims" and "args", and "what" at most'
            )
        case = Case(dict(entry["dims"]), dict(entry["args"]), str(entry.get("what", "")))
        plain.pack(case.args, name=f"{exercise}: args of case {number}")
        for name in BEHAVIOURS[spec.observe].inputs if spec.observe else ():
            if name not in case.args:
                raise ValueError(
                    f"{exercise}: case {number} lacks {name}, which {spec.observe} needs"
                )
        for value in case.args.values():
            if _named(value) is not None and _named(value) not in FUNCTIONS:
                raise ValueError(f"{exercise}: case {number}: no function {_named(value)!r}")
        cases.append(case)
    if not cases:
        raise ValueError(f"{exercise}: cases() yields nothing")
    return spec, cases


def observe(
    function: Callable,
    case: Case,
    spec: Spec,
    *,
    through: tuple[type[BaseException], ...] = (),
) -> Outcome:
    """Call ``function`` once on copies of the case's arguments and write down what happened.

    Never raises what the function raises, except KeyboardInterrupt and the kinds in ``through``.
    What it prints and warns is kept back; the global random generators of ``random``, NumPy and
    torch are the same on every call and are left as they were.
    """
    behaviour = BEHAVIOURS[spec.observe] if spec.observe else None
    args = copy_args(case.args)
    inputs = {name: args.pop(name) for name in (behaviour.inputs if behaviour else ())}
    before = {name: _bytes(value) for name, value in args.items()}
    sink = _Sink()
    raised = returned = None
    with _quiet(sink), _own_randomness():
        try:
            if behaviour is not None and behaviour.call is not None:
                returned, found = behaviour.call(function, *args.values())
                inputs |= found
            else:
                returned = function(*args.values())
            values, form = _split(returned, len(spec.returns))
            results = tuple(_freeze(value) for value in values)
            if plain.is_a(returned, CoroutineType):
                returned.close()  # or Python warns later that nobody awaited it
        except (KeyboardInterrupt, *through):
            raise
        except BaseException as error:  # also SystemExit: a notebook must survive exit()
            raised = _describe(error, function)
    changed = tuple(name for name, data in before.items() if _bytes(args[name]) != data)
    if raised is not None:
        return Outcome(raised=raised, changed=changed, printed=sink.used)
    shared = tuple(name for name, value in args.items() if any(_share(value, v) for v in values))
    observed = None
    if behaviour is not None:
        observed = _look(behaviour, results, len(spec.returns), inputs)
        results = tuple(_hollow(result) for result in results)
    return Outcome(None, results, form, observed, changed, shared, sink.used)


def copy_args(args: Mapping[str, Any]) -> dict[str, Any]:
    """A case's arguments, fresh: copies of the data, and the functions that names stand for."""
    return {
        name: FUNCTIONS[_named(value)] if _named(value) else plain.unpack(plain.pack(value))
        for name, value in args.items()
    }


def _named(value: Any) -> str | None:
    """The name in ``{"callable": name}``, else None."""
    if type(value) is dict and value.keys() == {"callable"} and type(value["callable"]) is str:
        return value["callable"]
    return None


def _bytes(value: Any) -> bytes | None:
    """An argument's content for comparing; None for what may change (generators) or cannot."""
    if type(value) is np.random.Generator:
        return None
    try:
        return plain.pack(value)
    except plain.NotPlain:
        return None if callable(value) else b"changed"


def _split(returned: Any, expected: int) -> tuple[tuple, str]:
    """The several results in what was returned, and the form they came in."""
    if expected > 1:
        if plain.is_a(returned, tuple):
            return tuple.__getitem__(returned, slice(None)), "tuple"
        if plain.is_a(returned, list) and list.__len__(returned) == expected:
            return tuple(list.__getitem__(returned, slice(None))), "list"
    return (returned,), "value"


def _freeze(value: Any) -> Any:
    """A copy of a result that later calls cannot change, or a description of it."""
    if plain.is_a(value, np.matrix):
        return Strange("an np.matrix")
    if plain.is_a(value, np.ma.MaskedArray):
        return Strange("a masked array")
    try:
        return plain.unpack(
            plain.pack(
                value,
                name="",
                max_bytes=MAX_RESULT_BYTES,
                max_elements=MAX_RESULT_ELEMENTS,
            )
        )
    except plain.NotPlain as error:
        return Strange(_strange(value, error))
    except Exception:  # a foreign object misbehaved while it was read; its type is still known
        return Strange(plain.article(plain.type_name(value)))


def _strange(value: Any, error: plain.NotPlain) -> str:
    if plain.is_a(value, np.ndarray):
        dtype = np.ndarray.dtype.__get__(value)
        if dtype.kind == "O":
            return "an array of dtype object"
        shape = np.ndarray.shape.__get__(value)
        return f"an array of shape {shape} and dtype {dtype}"
    kind = plain.article(plain.type_name(value))
    if not error.path:
        return f"{kind}, {error.reason}" if error.reason.startswith("too large") else kind
    inner = error.reason.removesuffix(" is not plain data")
    return f"{kind} that holds {inner}"


def _hollow(result: Any) -> Any:
    """A stand-in of the same shape and dtype."""
    if type(result) is np.ndarray:
        hollow = np.zeros_like(result)
        if result.dtype.kind in "fc":
            hollow[np.isnan(result)] = np.nan  # that a number is missing is no secret
        return hollow
    if plain.is_tensor(result):
        return result.new_zeros(result.shape)
    if isinstance(result, bool | int | float | complex | str | bytes | list | tuple | dict):
        return type(result)()
    return type(result)() if isinstance(result, np.generic) else result


def _look(behaviour, results: tuple, expected: int, inputs: Mapping[str, Any]):
    """What the results do, or None where they are not even arrays of the right shapes."""
    if len(results) != expected or not all(
        type(result) is np.ndarray and result.dtype.kind in "biuf" for result in results
    ):
        return None
    with _quiet(_Sink()):
        try:
            return behaviour.look(*results, **inputs)
        except Exception:  # wild numbers fail in many ways, and all mean: of no use
            return None


def _share(argument: Any, result: Any) -> bool:
    if plain.is_a(argument, np.ndarray) and plain.is_a(result, np.ndarray):
        return bool(np.may_share_memory(argument, np.ndarray.view(result, np.ndarray)))
    return argument is result and isinstance(argument, list | dict)


def _describe(error: BaseException, function: Callable) -> Raised:
    # a grader that runs the function in another process says itself where it raised
    told = attribute(error, "student_line")
    if type(told) is not tuple or len(told) != 3:
        told = _student_line(error.__traceback__, _code(function))
    line, number, foreign = told
    unwritten, unwritten_by = plain.is_a(error, NotImplementedError), None
    if unwritten:
        unwritten, unwritten_by = _unwritten(error.__traceback__, _code(function))
    return Raised(
        kind=plain.type_name(error),
        message=_message(error),
        line=line,
        number=number,
        in_call=foreign and plain.is_a(error, TypeError),
        unwritten=unwritten,
        unwritten_by=unwritten_by,
    )


def _message(error: BaseException) -> str:
    """One line of the exception's text, without memory addresses; "" where it has no sound text."""
    try:
        text = str.__str__(str(error))
    except KeyboardInterrupt:
        raise
    except BaseException:  # a broken __str__ is the student's, and no reason to stop
        return ""
    text = " ".join(_ADDRESS.sub("0x…", text[: 4 * MAX_MESSAGE]).split())
    return text if len(text) <= MAX_MESSAGE else text[: MAX_MESSAGE - 1] + "…"


def _code(function: Callable) -> CodeType | None:
    """The code object behind a plain function, method or partial; None for anything else."""
    for _ in range(8):
        code = attribute(function, "__code__")
        if plain.is_a(code, CodeType):
            return code
        function = attribute(function, "__func__") or attribute(function, "func")
        if function is None:
            return None
    return None


def attribute(value: Any, name: str) -> Any:
    """An attribute of a foreign object, or None where it has none or raises."""
    try:
        return getattr(value, name, None)
    except KeyboardInterrupt:
        raise
    except BaseException:  # a hostile __getattr__
        return None


def _student_line(
    traceback: TracebackType | None, code: CodeType | None
) -> tuple[str | None, int | None, bool]:
    """Source and number of the last line in the student's code, and whether none was entered.

    A frame is the student's if it is in the file (a cell counts as one) where the function stands,
    else if it is neither of this package nor of an installed library.
    """
    frames = []
    # a recursion has a thousand frames; the last of the first ones tells as much
    for entry in itertools.islice(_entries(traceback), 1500):
        name = entry.tb_frame.f_code.co_filename
        if not os.path.abspath(name).startswith(_HERE + os.sep):
            frames.append((name, entry.tb_lineno))
    if not frames:
        return None, None, True
    own = [frame for frame in frames if code is not None and frame[0] == code.co_filename]
    near = own or [frame for frame in frames if not _installed(frame[0])]
    if not near:
        return None, None, False
    name, number = near[-1]
    line = linecache.getline(name, number).strip()
    return line or None, number, False


def _unwritten(traceback: TracebackType | None, code: CodeType | None) -> tuple[bool, str | None]:
    """Whether a NotImplementedError marks unwritten code, and whose if not the called function's.

    An installed library raises it for other reasons. Without a code object to compare with, it is
    taken to be the function's own.
    """
    last = None
    for entry in _entries(traceback):
        last = entry.tb_frame.f_code
    if last is None or code is None or last in nested_codes(code):
        return True, None
    path = os.path.abspath(last.co_filename)
    if path.startswith(_HERE + os.sep) or _installed(last.co_filename):
        return False, None
    return True, last.co_name


def nested_codes(code: CodeType) -> list[CodeType]:
    """A code object and those of the functions, lambdas and comprehensions inside it."""
    codes = [code]
    for outer in codes:
        codes += [inner for inner in outer.co_consts if plain.is_a(inner, CodeType)]
    return codes


def _entries(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def _installed(filename: str) -> bool:
    return filename.startswith(
        (sys.base_prefix + os.sep, sys.prefix + os.sep, "<frozen", "<__array")
    )


class _Sink:
    """A text stream that keeps nothing and remembers whether it was written to."""

    encoding = "utf-8"

    def __init__(self):
        self.used = False

    def write(self, text: str) -> int:
        self.used = self.used or bool(text)
        return len(text)

    def flush(self) -> None:
        pass

    def isatty(self) -> bool:
        return False


@contextlib.contextmanager
def _quiet(sink: _Sink):
    with (
        contextlib.redirect_stdout(sink),
        contextlib.redirect_stderr(sink),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def _own_randomness():
    """The same global random numbers for every call; afterwards all as it was before."""
    torch = sys.modules.get("torch")
    kept = random.getstate(), np.random.get_state()
    kept_torch = torch.get_rng_state() if torch is not None else None
    random.seed(0)
    np.random.seed(0)
    if torch is not None:
        torch.default_generator.manual_seed(0)
    try:
        yield
    finally:
        random.setstate(kept[0])
        np.random.set_state(kept[1])
        if kept_torch is not None:
            torch.set_rng_state(kept_torch)
