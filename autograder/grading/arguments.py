"""Arguments that a call changes in place, when caller and function live in different processes.

The function's side packs every argument before and after the call and sends back those that
differ; the caller's side copies them into its own objects, so that both see what one process would.
A random generator that has been drawn from is such an argument: its new state is what is sent.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from unrolled import plain

Key = int | str


def _bytes(value: Any) -> bytes:
    return plain.pack(value, callables=lambda _: 0)


def _each(args: tuple, kwargs: Mapping[str, Any]) -> list[tuple[Key, Any]]:
    return [*enumerate(args), *kwargs.items()]


def fingerprints(args: tuple, kwargs: Mapping[str, Any]) -> dict[Key, bytes | None]:
    """The content of each argument, by position or name; None for one that is not plain data."""
    found: dict[Key, bytes | None] = {}
    for key, value in _each(args, kwargs):
        try:
            found[key] = _bytes(value)
        except plain.NotPlain:  # an object of the function's own side, handed back to it
            found[key] = None
    return found


def changes(
    args: tuple, kwargs: Mapping[str, Any], before: Mapping[Key, bytes | None]
) -> dict[Key, Any]:
    """The arguments that differ from their fingerprints.

    Raises NotPlain where an argument now holds something that cannot be sent back.
    """
    return {
        key: value
        for key, value in _each(args, kwargs)
        if before[key] is not None and _bytes(value) != before[key]
    }


def take_over(args: tuple, kwargs: Mapping[str, Any], changed: Mapping[Key, Any]) -> None:
    """Make the caller's own arguments like the changed ones.

    Raises ValueError where that cannot be: a read-only array, another shape, an unknown argument.
    """
    own = dict(_each(args, kwargs))
    for key, value in changed.items():
        if key not in own:
            raise ValueError("a change to an argument that was not given")
        _assign(own[key], value)


def _assign(old: Any, new: Any) -> None:
    if callable(old) or callable(new):
        return
    if not _alike(old, new):
        raise ValueError(f"an argument was turned into {plain.article(plain.type_name(new))}")
    if _bytes(old) == _bytes(new):
        return
    if isinstance(old, np.ndarray):
        if old.shape != new.shape or old.dtype != new.dtype:
            raise ValueError("the shape or dtype of an argument was changed in place")
        old[...] = new
    elif plain.is_tensor(old):
        if old.shape != new.shape or old.dtype != new.dtype:
            raise ValueError("the shape or dtype of an argument was changed in place")
        with sys.modules["torch"].no_grad():
            old.copy_(new)
    elif isinstance(old, np.random.Generator):
        if type(old.bit_generator) is not type(new.bit_generator):
            raise ValueError("an argument was turned into another kind of random generator")
        old.bit_generator.state = new.bit_generator.state
    elif isinstance(old, list):
        if len(old) != len(new):
            old[:] = new
        for index, value in enumerate(new):
            if _has_parts(value) and _alike(old[index], value):
                _assign(old[index], value)
            else:
                old[index] = value
    elif isinstance(old, tuple):
        if len(old) != len(new):
            raise ValueError("the length of a tuple was changed")
        for mine, value in zip(old, new, strict=True):
            _assign(mine, value)
    elif isinstance(old, dict):
        for key in [key for key in old if key not in new]:
            del old[key]
        for key, value in new.items():
            if key in old and _has_parts(value) and _alike(old[key], value):
                _assign(old[key], value)
            else:
                old[key] = value


_PARTED = (np.ndarray, list, tuple, dict, np.random.Generator)


def _has_parts(value: Any) -> bool:
    return isinstance(value, _PARTED) or plain.is_tensor(value)


def _alike(old: Any, new: Any) -> bool:
    """Whether ``new`` is of the kind that ``old`` is sent as (a named tuple is sent as a tuple)."""
    if plain.is_tensor(old) or plain.is_tensor(new):
        return plain.is_tensor(old) and plain.is_tensor(new)
    for kind in _PARTED:
        if isinstance(old, kind):
            return isinstance(new, kind)
    return type(old) is type(new)
