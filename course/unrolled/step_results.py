"""Files of measured times: their layout, and reading, checking and writing them.

A result is plain JSON (``unrolled.step_times`` measures one):

    format      1
    date        the day, "2026-11-21"
    machine     device ("cpu", "cuda" or "mps"), name, cpu, cores, threads, system, load (programs
                running before it, or null), clock ("wall", or "processor" for one thread on a CPU);
                on CUDA also gpu: {name, capability, memory_gib, multiprocessors, driver, cuda, cudnn}
    versions    python, torch and, where there is one, triton
    setting     cell ("LSTM"), D, centre {"T", "B", "H"} and axes {"T": [...], "B": [...], "H": [...]}
    methods     name to {label, dtype, reason}: reason is null, or why it was not measured
    points      a list of {method, T, B, H} and either {seconds, fastest, repeats, flops, bytes},
                sometimes with forward_seconds and compile_seconds, or {reason}
    limits      matmul: dtype to {flops_per_second} or {reason};
                copy: a list of {bytes, bytes_per_second}, bytes read and written counted
    launch      unit ("kernel" or "operator"), seconds (each, many in a row), latency_seconds (one
                alone, waited for), graph_seconds (each inside a CUDA graph, or null), T and counts:
                method to {launches, kernels} of a training step of that T, or {reason}

All times are in seconds, medians unless their name says otherwise; limits are the best of several.
"""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

FORMAT = 1
AXES = ("H", "T", "B")
DATA = Path(__file__).resolve().parent / "data" / "step_times"


class StepTimesError(Exception):
    """Something the reader can mend; the message says what and where."""


def load(path: str | Path) -> dict:
    """Read a result and check its layout; raise StepTimesError that says where it is wrong."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise StepTimesError(f"{path}: there is no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise StepTimesError(f"{path}: cannot be read ({error})") from None
    try:
        result = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise StepTimesError(f"{path}: not JSON ({error})") from None
    try:
        check_layout(result)
    except StepTimesError as error:
        raise StepTimesError(f"{path}: {error}") from None
    return result


def save(result: dict, path: str | Path) -> None:
    """Write a result whole or not at all: a stop in the middle leaves the file that was there."""
    path = Path(path)
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(result, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    os.replace(part, path)


def shipped() -> list[dict]:
    """The results that come with the course: every file of ``unrolled/data/step_times``, by name.

    To add a machine's: python -m unrolled.step_times --out course/unrolled/data/step_times/NAME.json
    """
    return [load(path) for path in sorted(DATA.glob("*.json"))]


def machine_name(result: dict) -> str:
    """What to call a machine in a figure: its GPU, or its processor and how many threads it used."""
    machine = result["machine"]
    if machine["device"] != "cpu":
        return machine["name"]
    threads = machine["threads"]
    return f"{machine['name']}, {threads} thread{'' if threads == 1 else 's'}"


def milliseconds(seconds: float) -> str:
    """A time in words: "0.0123 ms", "12.3 ms", "1,230 ms"."""
    value = 1e3 * seconds
    return f"{value:,.0f} ms" if value >= 100 else f"{value:.3g} ms"


def points_along(axis: str, result: dict, method: str) -> list[dict]:
    """The measured points of a method along an axis, the other two at the centre, in rising order."""
    if axis not in AXES:
        raise ValueError(f"an axis is one of {', '.join(AXES)}, not {axis!r}")
    centre = result["setting"]["centre"]
    found = [
        point
        for point in result["points"]
        if point["method"] == method
        and "seconds" in point
        and all(point[other] == centre[other] for other in AXES if other != axis)
    ]
    return sorted(found, key=lambda point: point[axis])


# --- the layout ---------------------------------------------------------------------------------


def check_layout(result: object) -> None:
    """Raise StepTimesError unless ``result`` has the layout that this module describes."""
    _dict(result, "the file")
    if result.get("format") != FORMAT:
        raise StepTimesError(
            f"format is {result.get('format')!r}, and this toolbox reads {FORMAT}: "
            "measure again with python -m unrolled.step_times"
        )
    _text(result, "date", "the file")
    machine = _dict(_get(result, "machine", "the file"), "machine")
    for name in ("device", "name", "cpu", "system", "clock"):
        _text(machine, name, "machine")
    if machine["device"] not in ("cpu", "cuda", "mps"):
        raise StepTimesError(f"machine.device is {machine['device']!r}, not cpu, cuda or mps")
    _whole(machine, "threads", "machine")
    if machine["device"] == "cuda":
        gpu = _dict(_get(machine, "gpu", "machine"), "machine.gpu")
        for name in ("name", "driver"):
            _text(gpu, name, "machine.gpu")
    versions = _dict(_get(result, "versions", "the file"), "versions")
    for name in ("python", "torch"):
        _text(versions, name, "versions")
    _check_setting(_dict(_get(result, "setting", "the file"), "setting"))
    methods = _dict(_get(result, "methods", "the file"), "methods")
    for name, method in methods.items():
        where = f"methods.{name}"
        _text(_dict(method, where), "label", where)
        _text(method, "dtype", where)
        if _get(method, "reason", where) is not None:
            _text(method, "reason", where)
    points = _list(_get(result, "points", "the file"), "points")
    for number, point in enumerate(points):
        _check_point(point, f"points[{number}]", methods)
    _check_limits(_dict(_get(result, "limits", "the file"), "limits"))
    _check_launch(_dict(_get(result, "launch", "the file"), "launch"))


def _check_setting(setting: dict) -> None:
    _text(setting, "cell", "setting")
    _whole(setting, "D", "setting")
    centre = _dict(_get(setting, "centre", "setting"), "setting.centre")
    axes = _dict(_get(setting, "axes", "setting"), "setting.axes")
    for axis in AXES:
        _whole(centre, axis, "setting.centre")
        values = _list(_get(axes, axis, "setting.axes"), f"setting.axes.{axis}")
        if any(type(value) is not int or value < 1 for value in values):
            raise StepTimesError(f"setting.axes.{axis} holds {values}, not whole numbers above 0")


def _check_point(point: object, where: str, methods: dict) -> None:
    _dict(point, where)
    if _get(point, "method", where) not in methods:
        raise StepTimesError(f"{where}.method is {point['method']!r}, which methods does not name")
    for axis in AXES:
        _whole(point, axis, where)
    if "reason" in point:
        _text(point, "reason", where)
        return
    for name in ("seconds", "fastest", "flops", "bytes"):
        _positive(point, name, where)
    _whole(point, "repeats", where)
    for name in ("forward_seconds", "compile_seconds"):
        if name in point:
            _positive(point, name, where)


def _check_limits(limits: dict) -> None:
    matmul = _dict(_get(limits, "matmul", "limits"), "limits.matmul")
    for dtype, found in matmul.items():
        where = f"limits.matmul.{dtype}"
        if "reason" in _dict(found, where):
            _text(found, "reason", where)
        else:
            _positive(found, "flops_per_second", where)
    for number, found in enumerate(_list(_get(limits, "copy", "limits"), "limits.copy")):
        where = f"limits.copy[{number}]"
        for name in ("bytes", "bytes_per_second"):
            _positive(_dict(found, where), name, where)


def _check_launch(launch: dict) -> None:
    _text(launch, "unit", "launch")
    _whole(launch, "T", "launch")
    for name in ("seconds", "latency_seconds"):
        _positive(launch, name, "launch")
    if _get(launch, "graph_seconds", "launch") is not None:
        _positive(launch, "graph_seconds", "launch")
    counts = _dict(_get(launch, "counts", "launch"), "launch.counts")
    for method, count in counts.items():
        where = f"launch.counts.{method}"
        if "reason" in _dict(count, where):
            _text(count, "reason", where)
        else:
            _whole(count, "launches", where)


def _get(holder: dict, name: str, where: str) -> object:
    if name not in holder:
        raise StepTimesError(f"{where} has no {name!r}")
    return holder[name]


def _dict(value: object, where: str) -> dict:
    if not isinstance(value, dict):
        raise StepTimesError(f"{where} is {_kind(value)}, not an object")
    return value


def _list(value: object, where: str) -> list:
    if not isinstance(value, list):
        raise StepTimesError(f"{where} is {_kind(value)}, not a list")
    return value


def _text(holder: dict, name: str, where: str) -> None:
    value = _get(holder, name, where)
    if not isinstance(value, str) or not value:
        raise StepTimesError(f"{where}.{name} is {value!r}, not a text")


def _whole(holder: dict, name: str, where: str) -> None:
    value = _get(holder, name, where)
    if type(value) is not int or value < 1:
        raise StepTimesError(f"{where}.{name} is {value!r}, not a whole number above 0")


def _positive(holder: dict, name: str, where: str) -> None:
    value = _get(holder, name, where)
    if type(value) not in (int, float) or not 0 < value < math.inf:
        raise StepTimesError(f"{where}.{name} is {value!r}, not a number above 0")


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
    return "null" if value is None else names.get(type(value), "a number")


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number that JSON knows")
