"""The benchmarks run with the chapters as they are; how fast anything is, no test says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parent / "benchmarks"


def test_every_cell_of_the_chapters_is_timed_beside_torch():
    words = ["--threads", "1", "--size", "5,2,3,4", "--repeat", "2"]
    done = subprocess.run(
        [sys.executable, BENCHMARKS / "bench_recurrences.py", *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    rows = re.findall(r"^(RNN|LSTM|GRU) +5, 2, 3, 4 +(.+)$", done.stdout, re.M)
    assert [cell for cell, _ in rows] == ["RNN", "LSTM", "GRU"]
    for _, numbers in rows:
        torch_ms, fast_ms, plain_ms, ratio, *_ = map(float, numbers.replace("%", "").split())
        assert min(torch_ms, fast_ms, plain_ms) >= 0 and ratio > 0
    assert "geometric mean" in done.stdout


@pytest.mark.parametrize("script", sorted(BENCHMARKS.glob("bench_*.py")), ids=lambda p: p.stem)
def test_a_benchmark_says_how_it_is_used(script):
    done = subprocess.run(
        [sys.executable, script, "--help"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert f"python tests/benchmarks/{script.name}" in done.stdout
