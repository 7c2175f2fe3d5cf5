"""Times one training step of the course's NumPy cells beside torch.nn on the CPU, float32.

A step is a forward and a backward pass with every gradient (inputs, first state, all weights), from
a given gradient at the states. "plain" are the functions that students write in chapters 01, 02, 05
and 06; "fast" the classes that chapters 05 and 06 train with. All of them are read out of the
chapters' texts, so what is timed is what is taught. Ours and torch's runs alternate within one
process; the ratio is of medians, below 1 ours is faster. glibc keeps freed memory (its thresholds
are raised), which is torch's best condition.

  python tests/benchmarks/bench_recurrences.py                  all sizes, one and two threads
  python tests/benchmarks/bench_recurrences.py --threads 1 --cell LSTM --size 100,32,64,128
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SIZES = (  # T, B, D, H
    (100, 32, 64, 128),
    (128, 64, 128, 256),
    (200, 16, 32, 64),
    (1000, 1, 32, 64),
    (64, 128, 256, 512),
    (64, 256, 256, 512),
)
GATES = {"RNN": 1, "LSTM": 4, "GRU": 3}
_KEEP_MEMORY = {"MALLOC_MMAP_THRESHOLD_": "4294967296", "MALLOC_TRIM_THRESHOLD_": "4294967296"}


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--threads", type=int, action="append", help="default: 1 and 2")
    parser.add_argument("--cell", choices=GATES, action="append", help="default: all three")
    parser.add_argument("--size", action="append", metavar="T,B,D,H", help="default: six sizes")
    parser.add_argument("--repeat", type=int, default=7, help="timed runs of each (default 7)")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.here:
        table(arguments)
        return 0
    given = sys.argv[1:] if argv is None else argv
    worst = 0
    for threads in arguments.threads or (1, 2):
        # the number of threads and malloc's settings must stand before the libraries start
        numbers = {f"{name}_NUM_THREADS": str(threads) for name in ("OMP", "OPENBLAS", "MKL")}
        print(f"{threads} thread{'s' if threads > 1 else ''}", flush=True)
        done = subprocess.run(
            [sys.executable, __file__, *given, "--here"],
            env={**os.environ, **_KEEP_MEMORY, **numbers},
            check=False,
        )
        worst = max(worst, done.returncode)
    return worst


def table(arguments: argparse.Namespace) -> None:
    """Time everything in this process and print a row for each cell and size."""
    import numpy as np

    peak = sgemm_peak()
    print(f"sgemm of 1024 x 1024: {peak:.0f} GFLOP/s")
    print(
        f"{'cell':5}{'T, B, D, H':>20}{'torch ms':>10}{'fast ms':>9}{'plain ms':>10}"
        f"{'fast/torch':>12}{'plain/torch':>13}{'GFLOP/s':>9}{'of sgemm':>10}{'forward':>9}"
    )
    ratios = []
    sizes = SIZES
    if arguments.size:
        sizes = [tuple(int(n) for n in size.split(",")) for size in arguments.size]
    for cell in arguments.cell or GATES:
        for size in sizes:
            torch_step, fast_forward, fast_backward, plain_step = steps_of(cell, *size)
            times: dict[str, list[float]] = {
                "torch": [],
                "forward": [],
                "backward": [],
                "plain": [],
            }
            for round_ in range(arguments.repeat + 1):
                found = {
                    "torch": seconds(torch_step),
                    "forward": seconds(fast_forward),
                    "backward": seconds(fast_backward),
                    "plain": seconds(plain_step),
                }
                if round_:  # the first one warms up
                    for name, value in found.items():
                        times[name].append(value)
            middle = {name: statistics.median(values) for name, values in times.items()}
            fast = middle["forward"] + middle["backward"]
            speed = flops(cell, *size) / fast / 1e9
            ratios.append(fast / middle["torch"])
            print(
                f"{cell:5}{', '.join(map(str, size)):>20}{1e3 * middle['torch']:10.1f}"
                f"{1e3 * fast:9.1f}{1e3 * middle['plain']:10.1f}{ratios[-1]:12.2f}"
                f"{middle['plain'] / middle['torch']:13.2f}{speed:9.0f}{speed / peak:10.0%}"
                f"{middle['forward'] / fast:9.0%}",
                flush=True,
            )
    print(f"geometric mean of fast/torch: {np.exp(np.mean(np.log(ratios))):.2f}\n", flush=True)


def seconds(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def flops(cell: str, T: int, B: int, D: int, H: int) -> float:
    """Multiplications and additions in the matrix products of a step: forward once, backward twice."""
    return 3 * 2 * T * B * GATES[cell] * H * (D + H)


def sgemm_peak() -> float:
    """GFLOP/s of this machine's own float32 matrix product, the best of several."""
    import numpy as np

    a = np.random.default_rng(0).random((1024, 1024), dtype=np.float32)
    return 2 * 1024**3 / min(seconds(lambda: a @ a) for _ in range(10)) / 1e9


def steps_of(cell: str, T: int, B: int, D: int, H: int) -> Iterator[Callable[[], object]]:
    """torch's step, our fast forward and backward pass, our plain step: on the same numbers."""
    import numpy as np
    import torch

    rng = np.random.default_rng(0)

    def draw(*shape: int) -> np.ndarray:
        return (rng.normal(size=shape) / np.sqrt(shape[-1])).astype(np.float32)

    G = GATES[cell]
    x, dh, zeros = draw(T, B, D), draw(T, B, H), np.zeros((B, H), np.float32)
    W_x, W_h, b = draw(G * H, D), draw(G * H, H), draw(G * H)
    module = getattr(torch.nn, cell)(D, H)
    with torch.no_grad():
        module.weight_ih_l0.copy_(torch.from_numpy(W_x))
        module.weight_hh_l0.copy_(torch.from_numpy(W_h))
        module.bias_ih_l0.copy_(torch.from_numpy(b))
        module.bias_hh_l0.zero_()
    x_torch = torch.from_numpy(x).requires_grad_()
    h0_torch = torch.zeros(1, B, H, requires_grad=True)
    c0_torch = torch.zeros(1, B, H, requires_grad=True)
    start = (h0_torch, c0_torch) if cell == "LSTM" else h0_torch
    dh_torch = torch.from_numpy(dh)

    def torch_step() -> None:
        module.zero_grad()
        x_torch.grad = h0_torch.grad = c0_torch.grad = None
        module(x_torch, start)[0].backward(dh_torch)

    names = chapters(cell)
    fast = names[f"Fast{cell}"](T, B, D, H)
    if cell == "RNN":
        p = dict(zip(fast.names, (W_x, W_h, b), strict=True))

        def plain_step() -> None:
            h = names["rnn_forward"](x, zeros, W_x, W_h, b)
            names["rnn_backward"](dh, x, zeros, h, W_x, W_h)

        def backward() -> None:
            fast.gradients(dh)
            fast.da.reshape(T * B, H) @ W_x  # the inputs' gradient, which its class leaves out

        return torch_step, lambda: fast.states(x, p), backward, plain_step
    if cell == "LSTM":

        def plain_step() -> None:
            h, c, gates = names["lstm_forward"](x, zeros, zeros, W_x, W_h, b)
            names["lstm_backward"](dh, x, zeros, zeros, h, c, gates, W_x, W_h)

        def forward() -> None:
            fast.forward(x, zeros, zeros, W_x, W_h, b)

        return torch_step, forward, lambda: fast.backward(dh), plain_step

    def plain_step() -> None:
        h, gates = names["gru_forward"](x, zeros, W_x, W_h, b, 0 * b)
        names["gru_backward"](dh, x, zeros, h, gates, W_x, W_h)

    def forward() -> None:
        fast.forward(x, zeros, W_x, W_h, b, 0 * b)

    return torch_step, forward, lambda: fast.backward(dh), plain_step


def chapters(cell: str) -> dict:
    """The plain functions and the fast class of a cell, as its chapters define them."""
    from autograder.authoring.reference import reference_namespace
    from autograder.course import load_course

    course = load_course(ROOT)
    plain = {"RNN": "02_bptt", "LSTM": "05_lstm", "GRU": "06_gru"}[cell]
    names = dict(reference_namespace(course.chapters[plain]))
    # the tanh network's class stands in the LSTM's chapter
    text = course.chapters["06_gru" if cell == "GRU" else "05_lstm"]
    for source in (c.source for c in text.notebook().cells if c.cell_type == "code"):
        if source.startswith(f"class Fast{cell}:"):
            exec(source, names)
    return names


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
