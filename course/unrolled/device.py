"""What this notebook runs on: Python, NumPy, PyTorch, and the device that PyTorch found.

Everything in the course runs on any of them. Names and versions differ between machines, so a cell
that shows them carries the tag ``nbval-ignore-output``.
"""

from __future__ import annotations

import os
import platform


def describe() -> dict[str, str]:
    """Names and versions, in the order to show them. Never fails: what is missing says so."""
    return {
        "Python": f"{platform.python_version()} on {platform.system()} {platform.machine()}".strip(),
        "NumPy": _numpy(),
        "PyTorch": _torch(),
        "Device": _device(),
    }


def report() -> None:
    """Print ``describe()``, one line each."""
    for part, words in describe().items():
        print(f"{part:8} {words}")


def _numpy() -> str:
    try:
        import numpy

        return numpy.__version__
    except Exception as error:  # a report must come to its end whatever an installation lacks
        return _missing(error)


def _torch() -> str:
    try:
        import torch

        return torch.__version__
    except Exception as error:
        return _missing(error)


def _device() -> str:
    cpu = f"CPU, {os.cpu_count() or 'unknown'} cores"
    try:
        import torch

        if torch.cuda.is_available():
            memory = torch.cuda.get_device_properties(0).total_memory / 2**30
            return f"CUDA: {torch.cuda.get_device_name(0)}, {memory:.0f} GiB"
        if torch.backends.mps.is_available():
            return "MPS: the GPU of this Apple computer"
    except Exception:  # a broken driver leaves the CPU, and that is enough for every chapter
        return f"{cpu} (a GPU was looked for and could not be asked)"
    return f"{cpu} (no GPU found, and none is needed)"


def _missing(error: Exception) -> str:
    return f"cannot be imported ({type(error).__name__}); see the course's README on setting up"
