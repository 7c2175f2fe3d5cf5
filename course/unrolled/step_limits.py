"""What a device can do at most: how fast it multiplies, moves memory and starts operations.

Products and copies are limits, so the fastest of several counts. Also how a call is timed, and the
machine's description. Nothing here names the computer on its network.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from unrolled.step_methods import float32_products

MIB = 2**20
_LAUNCHES = ("cudaLaunch", "cuLaunch", "cudaGraphLaunch", "cudaMemcpy", "cudaMemset")


def synchronise(device: torch.device) -> None:
    """Wait until the device has done all that was asked of it."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


@dataclass(frozen=True)
class Times:
    """Seconds of a call, over ``repeats`` calls."""

    median: float
    fastest: float
    repeats: int


def clock_of(device: torch.device) -> tuple[str, Callable[[], float]]:
    """The clock that times calls on a device: its name and a function that reads it, in seconds.

    One thread on a CPU is timed by the processor time it uses, which other programs do not lengthen;
    all else by the clock on the wall.
    """
    # Windows counts processor time in steps of 16 ms
    if device.type == "cpu" and torch.get_num_threads() == 1 and platform.system() != "Windows":
        return "processor", time.process_time
    return "wall", time.perf_counter


def time_once(call: Callable[[], object], device: torch.device) -> float:
    """Seconds of one call, from an idle device to an idle device."""
    _, clock = clock_of(device)
    synchronise(device)
    start = clock()
    call()
    synchronise(device)
    return clock() - start


def time_calls(
    call: Callable[[], object],
    device: torch.device,
    seconds: float,
    *,
    least: int = 3,
    most: int = 50,
    once: float | None = None,
) -> Times:
    """Time a call that is warm already, for about ``seconds``: from ``least`` to ``most`` times.

    once: about how long one call takes, where that is known. On CUDA, events measure the time on the
    GPU and calls follow one another without a pause, as in training; elsewhere each call is measured
    until the device is idle.
    """
    once = once or time_once(call, device)
    repeats = max(least, min(most, int(seconds / max(once, 1e-7))))
    if device.type != "cuda":
        found = []
        end = time.perf_counter() + 1.5 * seconds  # on a busy machine a call can last longer
        while len(found) < repeats and (len(found) < least or time.perf_counter() < end):
            found.append(time_once(call, device))
    else:
        marks = [torch.cuda.Event(enable_timing=True) for _ in range(repeats + 1)]
        synchronise(device)
        marks[0].record()
        for mark in marks[1:]:
            call()
            mark.record()
        synchronise(device)
        found = [
            start.elapsed_time(end) / 1e3 for start, end in zip(marks, marks[1:], strict=False)
        ]
    return Times(statistics.median(found), min(found), len(found))


def matmul_speed(device: torch.device, seconds: float) -> dict[str, dict]:
    """FLOP/s of the fastest square product of random numbers, by dtype, up to the size time allows.

    Returns dtype ("fp32", "tf32", "bf16") to {"flops_per_second", "n"} or {"reason"}.
    """
    kinds = {"fp32": (torch.float32, False), "tf32": (torch.float32, True)}
    kinds["bf16"] = (torch.bfloat16, False)
    found: dict[str, dict] = {}
    for name, (dtype, tf32) in kinds.items():
        if name == "tf32" and (
            device.type != "cuda" or torch.cuda.get_device_capability(device) < (8, 0)
        ):
            found[name] = {"reason": "TF32 exists on NVIDIA GPUs from compute capability 8.0 on"}
            continue
        try:
            with float32_products(tf32), torch.no_grad():
                found[name] = _matmul_speed(device, dtype, seconds / len(kinds))
        except RuntimeError as error:
            found[name] = {"reason": first_line(error)}
    return found


def _matmul_speed(device: torch.device, dtype: torch.dtype, seconds: float) -> dict:
    generator = torch.Generator(device=device).manual_seed(0)
    best = {}
    end = time.perf_counter() + seconds
    n, largest = 256, 8192 if device.type != "cpu" else 2048
    while n <= largest:
        a = torch.randn(n, n, device=device, generator=generator).to(dtype)
        b = torch.randn(n, n, device=device, generator=generator).to(dtype)
        out = torch.empty_like(a)

        def multiply(a=a, b=b, out=out):
            torch.mm(a, b, out=out)

        once = min(time_once(multiply, device) for _ in range(2))  # the first one warms up
        times = time_calls(multiply, device, seconds / 8)
        # no less than this can be told from nothing
        shortest = time.get_clock_info("perf_counter").resolution
        speed = 2 * n**3 / max(times.fastest, shortest)
        if speed > best.get("flops_per_second", 0):
            best = {"flops_per_second": speed, "n": n}
        if time.perf_counter() + 8 * 5 * once > end:  # the next size takes 8 times as long, 5 times
            break
        n *= 2
    return best


def copy_speed(device: torch.device, seconds: float) -> list[dict]:
    """Bytes per second of copying arrays of rising size, bytes read and bytes written counted.

    Small arrays stay in the device's caches; the last one is what its memory moves.
    """
    sizes = [MIB * n for n in ((1, 4, 16, 64, 256, 1024) if device.type != "cpu" else (1, 8, 64))]
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        sizes = [size for size in sizes if 4 * size < free]
    found = []
    for size in sizes:
        source = torch.ones(size // 4, device=device)
        target = torch.zeros_like(source)  # written to, so that the system has given its pages

        def copy(source=source, target=target):
            target.copy_(source)

        time_once(copy, device)
        times = time_calls(copy, device, seconds / len(sizes), most=200)
        found.append({"bytes": 2 * size, "bytes_per_second": 2 * size / times.fastest})
    return found


def launch_times(device: torch.device) -> dict:
    """How long it takes to start the smallest operation there is: adding 1 to one number.

    Returns unit, seconds (each of many in a row), latency_seconds (one alone, until it is done) and
    graph_seconds (each of many in one CUDA graph; None elsewhere).
    """
    number = torch.zeros(1, device=device)
    many = 1000

    def add_many():
        for _ in range(many):
            number.add_(1)

    with torch.no_grad():
        time_once(add_many, device)
        each = statistics.median(time_once(add_many, device) for _ in range(5)) / many
        alone = statistics.median(time_once(lambda: number.add_(1), device) for _ in range(200))
        in_graph = None
        if device.type == "cuda":
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph):
                add_many()
            time_once(graph.replay, device)
            in_graph = time_calls(graph.replay, device, 0.1).median / many
    return {
        "unit": "operator" if device.type == "cpu" else "kernel",
        "seconds": each,
        "latency_seconds": alone,
        "graph_seconds": in_graph,
    }


def count_launches(step: Callable[[], object], device: torch.device) -> dict:
    """How many operations a warm training step starts: {"launches", "kernels"} or {"reason"}.

    On CUDA the profiler counts what the processor launches (kernels, copies, graphs) and the
    kernels that the GPU runs. Elsewhere the operators that PyTorch dispatches are counted, views
    left out, and kernels is None.
    """
    if device.type != "cuda":
        with _OperatorCount() as counted:
            step()
        return {"launches": counted.count, "kernels": None}
    from torch.profiler import ProfilerActivity, profile

    try:
        synchronise(device)
        with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]) as profiler:
            step()
            synchronise(device)
        events = profiler.events()
    except RuntimeError as error:
        return {"reason": f"the profiler could not be used ({first_line(error)})"}
    on_gpu = torch.autograd.DeviceType.CUDA
    kernels = launches = 0
    for event in events:
        if event.device_type == on_gpu:
            kernels += not getattr(event, "is_user_annotation", False)
        else:
            launches += event.name.startswith(_LAUNCHES)
    if not launches or not kernels:
        return {"reason": "the profiler saw no kernels; it may not be allowed to on this machine"}
    return {"launches": launches, "kernels": kernels}


class _OperatorCount(TorchDispatchMode):
    """Counts the operators that compute something, in the forward and the backward pass."""

    def __init__(self):
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        # a view returns its argument's memory, unchanged, and computes nothing
        returns = func._schema.returns
        is_view = returns and all(r.alias_info and not r.alias_info.is_write for r in returns)
        self.count += not is_view
        return func(*args, **(kwargs or {}))


def describe_machine(device: torch.device) -> dict:
    """The machine in the words of a result's layout: processor, threads, GPU and its driver."""
    machine = {
        "device": device.type,
        "name": processor_name(),
        "cpu": processor_name(),
        "cores": os.cpu_count() or 1,
        "threads": torch.get_num_threads(),
        "load": busy(),
        "clock": clock_of(device)[0],
        "system": f"{platform.system()} {platform.machine()}",
    }
    if device.type == "mps":
        machine["name"] = f"{processor_name()}, its GPU"
    elif device.type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        machine["name"] = properties.name
        machine["gpu"] = {
            "name": properties.name,
            "capability": f"{properties.major}.{properties.minor}",
            "memory_gib": round(properties.total_memory / 2**30, 1),
            "multiprocessors": properties.multi_processor_count,
            "driver": _driver(),
            "cuda": torch.version.cuda or "unknown",
            "cudnn": str(torch.backends.cudnn.version() or "none"),
        }
    return machine


def busy() -> float | None:
    """How many programs have wanted a processor over the last minute; None where nobody knows."""
    try:
        return round(os.getloadavg()[0], 1)
    except (AttributeError, OSError):  # Windows; a sandbox without /proc
        return None


def processor_name() -> str:
    """The processor's model as its maker calls it, as far as the system tells."""
    try:
        if platform.system() == "Linux":
            with open("/proc/cpuinfo", encoding="utf-8") as lines:
                for line in lines:
                    if line.startswith("model name"):
                        return line.partition(":")[2].strip()
        elif platform.system() == "Darwin":
            return _output("sysctl", "-n", "machdep.cpu.brand_string")
    except (OSError, subprocess.SubprocessError):
        pass
    return platform.processor() or platform.machine() or "unknown processor"


def _driver() -> str:
    try:
        lines = _output("nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader")
        return lines.splitlines()[0].strip()
    except (OSError, subprocess.SubprocessError, IndexError):
        return "unknown"


def _output(*words: str) -> str:
    done = subprocess.run(words, capture_output=True, text=True, timeout=20, check=True)
    return done.stdout.strip()


def first_line(error: BaseException) -> str:
    """An error in one short line, without the path of any file."""
    text = str(error).strip().split("\n")[0]
    return f"{type(error).__name__}: {text}"[:200] if text else type(error).__name__
