"""Counts matrix products: a measure of a program's work that is the same on every machine.

    results, products = count_products(lstm_forward_fused, x, h0, c0, W_x, W_h, b)

Counted is every way in which NumPy multiplies matrices (``@``, ``np.matmul``, ``np.dot``, ``.dot``,
``np.inner``, ``np.vdot``, ``np.einsum``, ``np.tensordot``, ``np.linalg.multi_dot``), one for each
call that sums over a shared index, however large. A stack of products in one ``@`` is one.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from unrolled.probes import probe

_UFUNCS = frozenset({"matmul", "vecdot", "matvec", "vecmat"})
_FUNCTIONS = (np.dot, np.inner, np.vdot, np.einsum, np.tensordot, np.linalg.multi_dot)
# these give a plain array whatever they are given, so the trace of what is multiplied would end
_MAKERS = (
    "array",
    "asarray",
    "ascontiguousarray",
    "asfortranarray",
    "empty",
    "full",
    "ones",
    "zeros",
)
_tally = [0]


@probe
def count_products(function: Callable, *args: Any) -> tuple[Any, int]:
    """Call ``function(*args)`` once: its result, and how many matrix products it took.

    args: arrays are handed over as a kind of array that counts; results come back as plain ones.
    Raises what the function raises. While it runs, NumPy's own makers of arrays are replaced, so
    nothing else may use NumPy in another thread meanwhile.

    A function that lives in another process is counted there (``unrolled.probes``).
    """
    outer, _tally[0] = _tally[0], 0
    try:
        with _counting_makers():
            results = function(*_turn(args, np.ndarray, _Counted))
        return _turn(results, _Counted, np.ndarray), _tally[0]
    finally:
        _tally[0] = outer


class _Counted(np.ndarray):
    """An array that counts the products it takes part in; whatever is made from it does too."""

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
        if ufunc.__name__ in _UFUNCS:
            _tally[0] += 1
        if out is not None:
            options["out"] = _turn(out, _Counted, np.ndarray)
        result = getattr(ufunc, method)(*_turn(inputs, _Counted, np.ndarray), **options)
        return _turn(result, np.ndarray, _Counted)

    def __array_function__(self, function, types, args, kwargs):
        if function not in _FUNCTIONS:
            result = super().__array_function__(function, types, args, kwargs)
            return _turn(result, np.ndarray, _Counted)  # np.concatenate and others forget the type
        _tally[0] += _products(function, args)
        args, kwargs = (_turn(part, _Counted, np.ndarray) for part in (args, kwargs))
        return _turn(function(*args, **kwargs), np.ndarray, _Counted)

    def dot(self, other, out=None):
        return np.dot(self, other, out=out)


def _products(function: Callable, args: tuple) -> int:
    if function is np.linalg.multi_dot:
        return len(args[0]) - 1
    if function is np.einsum and isinstance(args[0], str) and "->" in args[0]:
        inputs, output = args[0].replace(" ", "").split("->")
        if set(inputs) - set(output) - {","}:
            return inputs.count(",")
        return 0  # nothing is summed: an element-wise product or a transpose
    return 1


def _turn(value: Any, kind: type, into: type) -> Any:
    """``value`` with every array of type ``kind`` in it, also in containers, seen as ``into``."""
    if type(value) is kind:
        return value.view(into)
    if type(value) in (tuple, list):
        return type(value)(_turn(part, kind, into) for part in value)
    if type(value) is dict:
        return {name: _turn(part, kind, into) for name, part in value.items()}
    return value


@contextlib.contextmanager
def _counting_makers() -> Iterator[None]:
    makers = {name: getattr(np, name) for name in _MAKERS}

    def counting(make: Callable) -> Callable:
        @functools.wraps(make)
        def made(*args: Any, **options: Any) -> Any:
            return _turn(make(*args, **options), np.ndarray, _Counted)

        return made

    try:
        for name, make in makers.items():
            setattr(np, name, counting(make))
        yield
    finally:
        for name, make in makers.items():
            setattr(np, name, make)
