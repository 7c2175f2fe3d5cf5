"""Replay every solution notebook under other thread counts and CPU kernels, and print a table.

Example: python tests/nbval_matrix.py 01_recurrence

Outputs that hold here hold on other machines. It takes eight times as long as one replay, so it is
a command (`make stable`) and not one of the tests. Exit code 0 all the same, 1 something differs,
2 nothing to replay.
"""

from __future__ import annotations

import argparse
import itertools
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

SOLUTIONS = Path(__file__).resolve().parent.parent / "solutions"
CELL_TIMEOUT = 300


def cpu_flags() -> set[str]:
    """What the CPU can do, in Linux's words; empty where that cannot be read."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return set()
    return {flag for line in text.splitlines() if line.startswith("flags") for flag in line.split()}


def settings(flags: set[str]) -> list[dict[str, str]]:
    """Every combination of environment variables that a CPU with these flags can run."""
    kernels = [
        name for name, flag in (("Haswell", "avx2"), ("SkylakeX", "avx512f")) if flag in flags
    ]
    choices = {
        "OMP_NUM_THREADS": ["1", "2"],
        "OPENBLAS_CORETYPE": kernels,
        "ATEN_CPU_CAPABILITY": ["default", *(["avx2"] if "avx2" in flags else [])],
    }
    choices = {name: values for name, values in choices.items() if values}
    return [
        dict(zip(choices, values, strict=True)) for values in itertools.product(*choices.values())
    ]


def replay(notebook: Path, setting: dict[str, str]) -> tuple[bool, float, str]:
    """Whether nbval finds every output again, in how many seconds, and what it said."""
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval", f"--nbval-cell-timeout={CELL_TIMEOUT}"]
        + ["-q", "-p", "no:cacheprovider", str(notebook)],
        # without progress bars, as it was built
        env={**os.environ, "TQDM_DISABLE": "1", **setting},
        capture_output=True,
        text=True,
    )
    return done.returncode == 0, time.monotonic() - started, done.stdout + done.stderr


def main(argv: list[str] | None = None) -> int:
    """Print a row for each setting as soon as it is known."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("chapters", nargs="*", metavar="CHAPTER", help="all of them by default")
    parser.add_argument("--solutions", type=Path, default=SOLUTIONS, metavar="DIR")
    arguments = parser.parse_args(argv)
    notebooks = {path.stem: path for path in sorted(arguments.solutions.glob("*/*.ipynb"))}
    unknown = [name for name in arguments.chapters if name not in notebooks]
    if unknown or not notebooks:
        missing = ", ".join(unknown) or "any chapter"
        print(f"no notebook of {missing} in {arguments.solutions}", file=sys.stderr)
        return 2
    chosen = {name: notebooks[name] for name in arguments.chapters or notebooks}
    rows = settings(cpu_flags())
    names = list(rows[0])
    width = {name: max(len(name), 8) for name in (*names, *chosen)}
    print(platform.processor() or platform.machine(), f"{len(rows)} settings")
    print("  ".join(name.ljust(width[name]) for name in (*names, *chosen)), flush=True)
    said = []
    for setting in rows:
        print("  ".join(setting[name].ljust(width[name]) for name in names), end="", flush=True)
        for name, notebook in chosen.items():
            same, seconds, text = replay(notebook, setting)
            word = f"{'same' if same else 'DIFFERS'} {seconds:.0f} s"
            print("  " + word.ljust(width[name]), end="", flush=True)
            if not same:
                said.append(f"\n{name} with {setting}\n{text}")
        print(flush=True)
    print("".join(said), end="")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
