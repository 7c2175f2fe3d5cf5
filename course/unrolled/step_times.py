"""How long one training step of an LSTM takes on this machine, and where the time goes.

  python -m unrolled.step_times --out here.json                    about 3 minutes, the GPU if any
  python -m unrolled.step_times --out here.json --minutes 10       with more repeats and sizes
  python -m unrolled.step_times --out cpu.json --device cpu --threads 1
  python -m unrolled.step_times --out here.json --resume           goes on after an interruption

A step is a forward and a backward pass with every gradient. It is timed over hidden size H, sequence
length T and batch B, one of them at a time around a centre, for: the readable loop over cells,
torch.compile of a cell, the loop as one CUDA graph, torch.nn.LSTM (cuDNN on CUDA), and that under
bf16 autocast. What a device lacks, or what there was no time for, is recorded with the reason. The
device's own limits (matrix products, memory, starting an operation) are measured beside it.

In a notebook: ``measure_here()``, ``shipped()``, ``draw_over("T", results, ax)``,
``draw_times(results)``, ``draw_roofline(result)``, ``draw_launches(result)``.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import gc
import math
import os
import platform
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import torch

from unrolled import step_limits as limits
from unrolled.step_charts import (
    describe_over,
    draw_launches,
    draw_over,
    draw_roofline,
    draw_times,
)
from unrolled.step_methods import (
    BY_NAME,
    ITEMSIZE,
    METHODS,
    Method,
    Problem,
    Runner,
    Size,
    float32_products,
)
from unrolled.step_results import (
    AXES,
    FORMAT,
    StepTimesError,
    load,
    machine_name,
    milliseconds,
    points_along,
    save,
    shipped,
)

__all__ = [
    "StepTimesError",
    "describe_over",
    "draw_launches",
    "draw_over",
    "draw_roofline",
    "draw_times",
    "load",
    "machine_name",
    "measure",
    "measure_here",
    "points_along",
    "save",
    "shipped",
]

D = 64
CENTRE = {"T": 128, "B": 64, "H": 256}
FULL = {
    "H": (32, 64, 128, 256, 512, 1024, 2048),
    "T": (8, 16, 32, 64, 128, 256, 512, 1024),
    "B": (1, 4, 16, 64, 256, 1024),
}
SHORT = {"H": (64, 256, 512), "T": (16, 64, 128, 256), "B": (1, 16, 64, 256)}

Progress = Callable[[str], None]


def measure_here(seconds: float = 20) -> dict:
    """A short measurement on the device that PyTorch finds; the layout of ``step_results``.

    Takes about ``seconds``. torch.compile is left to the script, since compiling alone can take
    longer. Nothing is written; no global random generator or setting is changed.
    """
    leave_out = {
        method.name: "left to the longer measurement of python -m unrolled.step_times"
        for method in METHODS
        if method.compiles
    }
    return measure(seconds=seconds, axes=SHORT, leave_out=leave_out, forward=False)


def measure(
    device: str | torch.device | None = None,
    seconds: float = 180,
    *,
    axes: dict[str, Iterable[int]] | None = None,
    leave_out: dict[str, str] | None = None,
    forward: bool = True,
    before: dict | None = None,
    progress: Progress | None = None,
    keep: Callable[[dict], None] | None = None,
) -> dict:
    """Measure a device in about ``seconds`` and return the result, laid out as ``step_results`` says.

    device: "cpu", "cuda" or "mps"; by default a GPU if there is one.
    axes: values of "H", "T" and "B", by default ``FULL``; the centre is always measured.
    leave_out: methods not to measure, with the reason to record. forward: time it alone, too.
    before: an unfinished result of the same machine, whose points are kept.
    progress: is told what was measured, a line each. keep: is given the result after each point.
    Raises StepTimesError if the device is not there or ``before`` is another machine's.
    """
    end = time.perf_counter() + seconds
    device = find_device(device)
    result = _empty_result(device, axes or FULL, leave_out or {})
    if before is not None:
        _carry_over(before, result)
    if any(method.compiles and not result["methods"][method.name]["reason"] for method in METHODS):
        torch.compiler.reset()  # a function is compiled for eight sizes in a process, then no more
    run = _Run(result, device, seconds, end, forward)
    run.progress, run.keep = progress or run.progress, keep or run.keep
    with torch.cuda.device(device) if device.type == "cuda" else contextlib.nullcontext():
        run.measure_limits()
        run.measure_points()
    return result


def find_device(device: str | torch.device | None = None) -> torch.device:
    """The device asked for, by default the best there is; raise StepTimesError if it is not there."""
    if device is None:
        if torch.cuda.is_available():
            device = "cuda"
        else:
            device = "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        found = torch.device(device)
    except RuntimeError:
        raise StepTimesError(f"there is no device {device!r}: name cpu, cuda or mps") from None
    there = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if found.type not in there:
        raise StepTimesError(f"the device {found.type} is not measured: name cpu, cuda or mps")
    if not there[found.type]:
        raise StepTimesError(
            f"PyTorch {torch.__version__} finds no {found.type} device here; "
            "leave the device out to measure what there is"
        )
    if found.type == "cuda" and found.index is None:
        found = torch.device("cuda", torch.cuda.current_device())
    return found


def _empty_result(device: torch.device, axes: dict, leave_out: dict[str, str]) -> dict:
    versions = {"python": platform.python_version(), "torch": torch.__version__}
    with contextlib.suppress(ImportError):
        from importlib.metadata import version

        versions["triton"] = version("triton")
    return {
        "format": FORMAT,
        "date": datetime.date.today().isoformat(),
        "machine": limits.describe_machine(device),
        "versions": versions,
        "setting": {
            "cell": "LSTM",
            "D": D,
            "centre": dict(CENTRE),
            "axes": {axis: sorted({*axes[axis], CENTRE[axis]}) for axis in AXES},
        },
        "methods": {
            method.name: {
                "label": method.label,
                "dtype": method.dtype,
                "reason": leave_out.get(method.name) or method.missing(device),
            }
            for method in METHODS
        },
        "points": [],
        "limits": {"matmul": {}, "copy": []},
        "launch": {},
    }


def _carry_over(before: dict, result: dict) -> None:
    for part in ("device", "name", "threads"):
        if before["machine"][part] != result["machine"][part]:
            raise StepTimesError(
                f"cannot go on with a measurement of another machine ({machine_name(before)}; "
                f"this one is {machine_name(result)})"
            )
    if before["setting"] != result["setting"] or before["versions"] != result["versions"]:
        raise StepTimesError("cannot go on with a measurement of other sizes or versions")
    result["points"] = [point for point in before["points"] if "seconds" in point]
    counts = before["launch"]["counts"].items()
    result["launch"]["counts"] = {name: count for name, count in counts if "launches" in count}


class _Run:
    """One measurement as it goes: what there is time for, and what was found so far."""

    def __init__(
        self, result: dict, device: torch.device, seconds: float, end: float, forward: bool
    ):
        self.result, self.device, self.seconds, self.end = result, device, seconds, end
        self.forward = forward

    def progress(self, line: str) -> None:
        """Nobody listens, unless ``measure`` was told who."""

    def keep(self, result: dict) -> None:
        """Nothing is kept on the way, unless ``measure`` was told how."""

    def left(self) -> float:
        return self.end - time.perf_counter()

    def measure_limits(self) -> None:
        result, device, seconds = self.result, self.device, self.seconds
        self.progress("limits: matrix products, memory, starting an operation")
        result["limits"]["matmul"] = limits.matmul_speed(device, min(0.08 * seconds, 12))
        result["limits"]["copy"] = limits.copy_speed(device, min(0.03 * seconds, 4))
        counts = result["launch"].get("counts", {})
        result["launch"] = limits.launch_times(device) | {"T": CENTRE["T"], "counts": counts}

    def measure_points(self) -> None:
        todo = _plan(self.result)
        least = min((size.flops for _, size in todo), default=0)
        interrupted = False
        for number, (method, size) in enumerate(todo):
            share = max(self.left(), 0) / (len(todo) - number)
            if interrupted:
                found = {"reason": "interrupted before it"}
            else:
                try:
                    # the least work of all is always done, so that there is something to show
                    certain = size.flops == least and not method.compiles
                    found = self._point(method, size, share, certain)
                except KeyboardInterrupt:
                    interrupted = True
                    found = {"reason": "interrupted while it ran"}
            self.result["points"].append(
                {"method": method.name, "T": size.T, "B": size.B, "H": size.H} | found
            )
            if not interrupted:
                self.keep(self.result)
            self.progress(_line(number + 1, len(todo), method, size, found, self.left()))
        for name, method in self.result["methods"].items():
            if method["reason"]:
                self.progress(f"{method['label']}: not measured, {method['reason']}")
                self.result["launch"]["counts"][name] = {"reason": method["reason"]}
        self.keep(self.result)
        if interrupted:
            raise KeyboardInterrupt

    def _point(self, method: Method, size: Size, share: float, certain: bool) -> dict:
        """Measure one point in about ``share`` seconds, or say why not; ``certain``: in any case."""
        if not certain and (reason := self._no_time_for(method, size, share)):
            return {"reason": reason}
        try:
            with float32_products(method.dtype == "tf32"):
                return self._timed(method, size, share)
        except torch.OutOfMemoryError:
            return {"reason": "the device's memory is too small for it"}
        except Exception as error:  # a compiler's or driver's failure must not end the measurement
            return {"reason": limits.first_line(error)}
        finally:
            if self.device.type == "cuda":  # the next point needs the memory, a graph's too
                gc.collect()
                torch.cuda.empty_cache()

    def _no_time_for(self, method: Method, size: Size, share: float) -> str | None:
        if self.left() <= 0:
            return "the time given was over before it"
        compiling = self._expected_compiling(method, size)
        if compiling > max(0.15 * self.seconds, 15):
            return f"compiling alone would take some {_rounded(compiling)} s"
        calls = 3 if method.compiles else 2  # warm up, look, time
        expected = calls * self._expected(method, size) + compiling
        if expected > min(max(4 * share, 0.5 * self.left()), self.left()):
            return f"would take some {_rounded(expected)} s, more than there was time for"
        return None

    def _timed(self, method: Method, size: Size, share: float) -> dict:
        start = time.perf_counter()
        runner = method.make(Problem(size, self.device))
        first = once = limits.time_once(runner.step, self.device)  # this one warms up
        if method.compiles or first < share / 4:
            once = limits.time_once(runner.step, self.device)
        left = share - (time.perf_counter() - start)
        times = limits.time_calls(
            runner.step, self.device, left * (0.7 if self.forward else 1), least=1, once=once
        )
        found = {
            "seconds": times.median,
            "fastest": times.fastest,
            "repeats": times.repeats,
            "flops": size.flops,
            "bytes": size.bytes(ITEMSIZE[method.dtype]),
        }
        if method.compiles and first > 2 * once + 0.1:
            found["compile_seconds"] = first - once
        if self.forward and runner.forward is not None:
            found["forward_seconds"] = self._forward(runner, share * 0.2)
        # their number grows with T alone, so that they are counted once
        counts = self.result["launch"]["counts"]
        if size.T == CENTRE["T"] and "launches" not in counts.get(method.name, {}):
            counts[method.name] = self._count(method, runner)
        return found

    def _count(self, method: Method, runner: Runner) -> dict:
        if method.compiles and self.device.type != "cuda":
            return {"reason": "what compiled code does on a CPU is not dispatched as operators"}
        try:
            return limits.count_launches(runner.step, self.device)
        except Exception as error:  # the time is measured, and stays
            return {"reason": limits.first_line(error)}

    def _forward(self, runner: Runner, seconds: float) -> float:
        with torch.no_grad():
            limits.time_once(runner.forward, self.device)
            return limits.time_calls(runner.forward, self.device, seconds, least=1).median

    def _expected(self, method: Method, size: Size) -> float:
        """Seconds that a step will take, from the nearest one that was measured."""
        done = [p for p in self.result["points"] if p["method"] == method.name and "seconds" in p]
        if done:
            nearest = min(done, key=lambda point: abs(math.log(point["flops"] / size.flops)))
            return nearest["seconds"] * size.flops / nearest["flops"]
        fp32 = self.result["limits"]["matmul"]["fp32"].get("flops_per_second", 1e10)
        launches = 40 * size.T * self.result["launch"]["seconds"]
        return 2 * size.flops / fp32 + (0 if method.name.startswith("nn") else launches)

    def _expected_compiling(self, method: Method, size: Size) -> float:
        """Seconds of compiling: a cell is compiled once, a whole loop anew and longer for each T."""
        if not method.compiles:
            return 0.0
        done = [p for p in self.result["points"] if p["method"] == method.name and "seconds" in p]
        if not done:
            return 10.0
        if method.name != "compiled_loop":
            return 0.0
        return done[-1].get("compile_seconds", 1.0) * size.T / done[-1]["T"]


def _plan(result: dict) -> list[tuple[Method, Size]]:
    """What is still to be measured, from the least work to the most, the methods in turn.

    So a measurement that runs out of time has lost the far ends of its axes, and no method or axis.
    """
    setting, centre = result["setting"], result["setting"]["centre"]
    done = {(p["method"], p["T"], p["B"], p["H"]) for p in result["points"]}
    plan = []
    for name, known in result["methods"].items():
        method = BY_NAME[name]
        places = [centre] + [
            centre | {axis: value}
            for axis in method.axes
            for value in setting["axes"][axis]
            if value != centre[axis]
        ]
        for place in places:
            size = Size(**place, D=setting["D"])
            if not known["reason"] and (name, size.T, size.B, size.H) not in done:
                plan.append((size.flops, METHODS.index(method), method, size))
    plan.sort(key=lambda entry: entry[:2])
    return [(method, size) for *_, method, size in plan]


def _line(number: int, of: int, method: Method, size: Size, found: dict, left: float) -> str:
    words = milliseconds(found["seconds"]) if "seconds" in found else found["reason"]
    return (
        f"[{number:3}/{of}] {method.label:<26} T={size.T:<5} B={size.B:<5} H={size.H:<5} {words}"
        + (f"  ({max(left, 0):.0f} s left)" if number % 10 == 0 else "")
    )


def _rounded(seconds: float) -> str:
    return f"{seconds:.1g}" if seconds < 10 else f"{seconds:.0f}"


# --- the command --------------------------------------------------------------------------------


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m unrolled.step_times",
        description=__doc__.partition("\n\nIn a notebook")[0],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--out", required=True, type=Path, metavar="FILE", help="JSON to write")
    parser.add_argument(
        "--minutes", type=float, default=3, help="about how long it may take (default 3)"
    )
    parser.add_argument("--device", help="cpu, cuda or mps (default: a GPU if there is one)")
    parser.add_argument("--threads", type=int, help="threads on the CPU (default: PyTorch's own)")
    again = parser.add_mutually_exclusive_group()
    again.add_argument("--resume", action="store_true", help="go on with FILE, keeping its points")
    again.add_argument("--force", action="store_true", help="replace FILE if it exists")
    arguments = parser.parse_args(argv)
    try:
        return _command(arguments)
    except StepTimesError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        again = f"; go on with --resume --out {arguments.out}" if arguments.out.exists() else ""
        print(f"interrupted{again}", file=sys.stderr)
        return 130


def _command(arguments: argparse.Namespace) -> int:
    out = arguments.out
    if not math.isfinite(arguments.minutes) or arguments.minutes <= 0:
        raise StepTimesError(f"--minutes {arguments.minutes}: give a number above 0")
    if arguments.threads is not None:
        if arguments.threads < 1:
            raise StepTimesError(f"--threads {arguments.threads}: give a whole number above 0")
        torch.set_num_threads(arguments.threads)
    if not out.parent.is_dir():
        raise StepTimesError(f"{out}: there is no folder {out.parent}")
    if out.is_dir():
        raise StepTimesError(f"{out} is a folder: name a file in it")
    before = None
    if out.exists() and not arguments.force:
        if not arguments.resume:
            raise StepTimesError(
                f"{out} exists: add --resume to go on with it, --force to replace it"
            )
        before = load(out)
    device = find_device(arguments.device)
    _say(f"{device.type}: {limits.describe_machine(device)['name']}, PyTorch {torch.__version__}")
    _warn_if_busy()
    result = measure(
        device,
        60 * arguments.minutes,
        before=before,
        progress=_say,
        keep=lambda result: _keep(result, out),
    )
    centre = ", ".join(f"{axis} = {value}" for axis, value in result["setting"]["centre"].items())
    _say(f"\none training step at {centre}:")
    for label, words in centre_table(result):
        _say(f"  {label:<28}{words}")
    _say(f"\nwritten: {out}")
    return 0


def centre_table(result: dict) -> list[tuple[str, str]]:
    """Each method's label with its time at the centre, or with the reason that there is none."""
    centre = result["setting"]["centre"]
    rows = []
    for name, method in result["methods"].items():
        at_centre = [
            point
            for point in result["points"]
            if point["method"] == name and all(point[axis] == centre[axis] for axis in AXES)
        ]
        if not at_centre:
            words = method["reason"] or "not measured there"
        elif "seconds" in at_centre[-1]:
            words = milliseconds(at_centre[-1]["seconds"])
        else:
            words = at_centre[-1]["reason"]
        rows.append((method["label"], words))
    return rows


def _keep(result: dict, out: Path) -> None:
    try:
        save(result, out)
    except OSError as error:
        raise StepTimesError(f"{out}: cannot be written ({error})") from None


def _warn_if_busy() -> None:
    load, cores = limits.busy(), os.cpu_count() or 1
    if load is not None and load > 0.5 * cores:
        _say(f"warning: this machine is busy (load {load} on {cores} cores), so times will vary")


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
