"""The smaller tools: lazy import, budget, device report, data."""

import subprocess
import sys

import numpy as np
import pytest

import unrolled
from unrolled import datasets, device, steps


def run(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout


def test_importing_unrolled_needs_the_standard_library_only():
    found = run(
        "import sys; import unrolled; "
        "print([m for m in ('numpy', 'torch', 'msgpack', 'matplotlib') if m in sys.modules])"
    )
    assert found == "[]\n"


def test_check_is_the_function_however_it_is_imported():
    run(
        "import unrolled.checking, unrolled; from unrolled import check, plots, datasets\n"
        "assert check is unrolled.checking.check is unrolled.check\n"
        "assert plots.__name__ == 'unrolled.plots' and callable(unrolled.steps)"
    )
    assert set(unrolled.__all__) <= set(dir(unrolled))
    with pytest.raises(AttributeError, match="no attribute 'chekc'"):
        _ = unrolled.chekc


def test_steps_are_few_while_grading(monkeypatch):
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    assert steps(full=2000, graded=20) == 2000
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert steps(full=2000, graded=20) == 20
    with pytest.raises(ValueError, match="negative"):
        steps(full=10, graded=-1)


def test_the_device_report_names_everything(capsys):
    device.report()
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["Python", "NumPy", "PyTorch", "Device"]
    assert np.__version__ in lines[1]


def test_the_device_report_survives_what_is_missing_or_broken(monkeypatch):
    import torch

    def broken():
        raise RuntimeError("driver")

    monkeypatch.setattr(torch.cuda, "is_available", broken)
    assert device.describe()["Device"].startswith("CPU")
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setitem(sys.modules, "numpy", None)
    words = device.describe()
    assert "cannot be imported" in words["PyTorch"] and "cannot be imported" in words["NumPy"]
    assert words["Device"].startswith("CPU")


@pytest.mark.parametrize(
    ("cuda", "mps", "word"), [(True, False, "CUDA: Fast"), (False, True, "MPS")]
)
def test_a_gpu_is_named(monkeypatch, cuda, mps, word):
    import types

    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: "Fast")
    properties = types.SimpleNamespace(total_memory=80 * 2**30)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: properties)
    assert device.describe()["Device"].startswith(word)


def test_stock_prices_are_daily_and_in_order():
    name, dates, prices = datasets.stock_prices()
    assert "Google" in name
    assert dates.shape == prices.shape == (1047,)
    assert dates.dtype == "datetime64[D]" and prices.dtype == np.float64
    assert (np.diff(dates) > np.timedelta64(0)).all() and (prices > 0).all()
    assert str(dates[0]) == "2004-08-19" and prices[0] == 100.34


def test_the_documentation_is_plain_prose_in_two_parts():
    train, held_out = datasets.python_documentation()
    assert 100_000 < len(train) < 400_000
    assert 0.08 < len(held_out) / (len(train) + len(held_out)) < 0.17
    for part in (train, held_out):
        assert part.isascii() and part.endswith("\n") and "  " not in part and "\n\n" not in part
    assert set(held_out) <= set(train), "no character is met for the first time when tested"
    lines, others = train.splitlines(), held_out.splitlines()
    assert len(set(lines)) == len(lines) and not set(lines) & set(others)
    assert datasets.python_documentation() == (train, held_out)


def test_held_out_blocks_are_spread_over_the_text():
    train, held_out = datasets.python_documentation(blocks=4, held_out_every=2)
    assert 0.4 < len(held_out) / (len(train) + len(held_out)) < 0.6
    everything, nothing = datasets.python_documentation(blocks=1, held_out_every=1)[::-1]
    assert nothing == "" and len(everything) == len(train) + len(held_out)
    with pytest.raises(ValueError, match="held_out_every"):
        datasets.python_documentation(blocks=2, held_out_every=3)
