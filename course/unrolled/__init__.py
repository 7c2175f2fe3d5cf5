"""The toolbox that the course's notebooks import.

    from unrolled import check, steps, plots, datasets, device

Importing it needs Python alone: each part is loaded when it is first used.
"""

# Nothing newer than Python 3.6 here: an older Python must get as far as the set-up's refusal.
import importlib
from typing import Any

_FUNCTIONS = {"check": "checking", "steps": "budget"}
_MODULES = ("datasets", "device", "plots")

__all__ = ["check", "datasets", "device", "plots", "steps"]


def __getattr__(name: str) -> Any:
    if name in _FUNCTIONS:
        value = getattr(importlib.import_module(f"unrolled.{_FUNCTIONS[name]}"), name)
    elif name in _MODULES:
        value = importlib.import_module(f"unrolled.{name}")
    else:
        raise AttributeError(f"module 'unrolled' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list:
    return sorted({*globals(), *__all__})
