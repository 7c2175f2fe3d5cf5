"""Sees the floating-point errors of a function that NumPy would only warn about.

    result, errors = floating_point_errors(sigmoid, a)

An overflow often leaves a right value behind, as 1 / (1 + inf) = 0, and its warning is easily missed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from unrolled.probes import probe


@probe
def floating_point_errors(function: Callable, *args: Any) -> tuple[Any, list[str]]:
    """Call ``function(*args)`` once: its result, and which floating-point errors occurred in it.

    The errors are "divide", "invalid" and "overflow", sorted, each at most once. Results that
    are too small for a float and become 0 are none. A function that silences NumPy's warnings
    itself, with ``np.errstate``, hides its errors. Raises what the function raises.

    A function that lives in another process is watched there (``unrolled.probes``).
    """
    seen = set()
    with np.errstate(all="call", under="ignore", call=lambda error, flag: seen.add(error)):
        result = function(*args)
    return result, sorted(error.split()[0] for error in seen)
