"""Progress with time left, on standard error, for anything that takes longer than two seconds."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from tqdm import tqdm


def progress(items: Iterable | None = None, *, total: int | None = None, what: str, **options: Any):
    """A tqdm bar that appears only after two seconds and is written to standard error.

    Where standard error is not a terminal, a line every ten seconds instead of a moving bar.
    """
    terminal = sys.stderr.isatty()
    return tqdm(
        items,
        total=total,
        desc=what,
        delay=2,
        mininterval=0.1 if terminal else 10,
        leave=False,
        dynamic_ncols=terminal,
        file=sys.stderr,
        **options,
    )
