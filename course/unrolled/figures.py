"""New figures for the course's pictures."""

from __future__ import annotations

import os
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from unrolled.budget import GRADING_VARIABLE

_OF_A_FIGURE = ("figsize", "layout", "facecolor", "dpi")


def subplots(rows: int = 1, columns: int = 1, **options: Any) -> tuple[Figure, Any]:
    """A new figure and its axes, as ``plt.subplots`` makes them.

    While a submission is graded, pyplot does not hear of the figure: nobody looks at it, and Jupyter
    would draw it at the end of a cell that stops with an error.
    """
    if not os.environ.get(GRADING_VARIABLE):
        return plt.subplots(rows, columns, **options)
    own = {name: options.pop(name) for name in _OF_A_FIGURE if name in options}
    figure = Figure(**own)
    return figure, figure.subplots(rows, columns, **options)
