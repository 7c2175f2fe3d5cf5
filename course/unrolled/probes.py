"""Toolbox functions that look at a student's function, or class, in the process where it lives.

Automatic differentiation ends at a process's border, and so do modules, optimisers and arrays that
count. What is to be known about a student's module is therefore found out beside it, and only numbers
come back: a probe takes the student's function and plain data, and returns plain data.

    found = run_cell(LSTMCell, weights, x_t, state, upstream)

In a notebook a probe runs where it is called. A stand-in for a function of another process has a
method ``probed_by``: it takes the probe's name and arguments and has it run over there. Only a name in
``PROBES`` is ever run so. What comes back proves nothing by itself: whoever called compares it with
what they worked out themselves.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from typing import Any

PROBES = {
    "count_products": "unrolled.counting",
    "floating_point_errors": "unrolled.floating_point",
    "run_function": "unrolled.modules",
    "run_loader": "unrolled.modules",
    "run_cell": "unrolled.modules",
    "run_layers": "unrolled.modules",
    "fresh_parameters": "unrolled.modules",
    "run_pick_device": "unrolled.training",
    "run_training": "unrolled.training",
    "run_evaluation": "unrolled.training",
    "run_resume": "unrolled.training",
}
"""Every probe, and the module that it stands in."""

PROBED_BY = "probed by "
"""Between two processes this stands before a probe's name, where a method's name may stand."""


def probe(function: Callable) -> Callable:
    """Make a probe of a function whose first argument is a student's function or class."""
    name = function.__name__

    @functools.wraps(function)
    def run(subject: Callable, *args: Any) -> Any:
        elsewhere = getattr(subject, "probed_by", None)
        return function(subject, *args) if elsewhere is None else elsewhere(name, *args)

    return run


def named(name: str) -> Callable:
    """The probe of that name. Raises LookupError for any other name."""
    if name not in PROBES:
        raise LookupError(f"no probe is called {name!r}")
    return getattr(importlib.import_module(PROBES[name]), name)
