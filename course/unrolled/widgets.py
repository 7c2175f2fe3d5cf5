"""Sliders beside a figure that also stands without them."""

from __future__ import annotations

import base64
import html
import os
from collections.abc import Callable

from matplotlib.figure import Figure

from unrolled.budget import GRADING_VARIABLE
from unrolled.frontend import in_notebook


def explore(
    draw: Callable[..., Figure],
    *,
    alt: str | Callable[..., str],
    caption: str = "",
    **sliders: tuple[float, float, float, float],
) -> None:
    """Show a figure, and below it sliders that redraw it.

    draw: called with one keyword for each slider, returns a figure.
    alt: alternative text, or a function of the same keywords that returns it.
    sliders: name=(lowest, highest, step, first); whole numbers give whole numbers.

    The figure for the first values is an ordinary picture, readable without a running kernel. The
    redrawn one appears beneath the sliders, which also move by the arrow keys and whose numbers can
    be typed over. Without ipywidgets or a front end, and while grading, the picture stands alone.
    """
    from unrolled import plots

    first = {}
    for name, limits in sliders.items():
        if len(limits) != 4 or not limits[0] <= limits[3] <= limits[1] or limits[2] <= 0:
            raise ValueError(f"{name}=(lowest, highest, step, first), not {limits}")
        first[name] = limits[3]
    plots.show(draw(**first), alt=_words(alt, first), caption=caption)
    if not _interactive():
        return
    import ipywidgets
    from IPython.display import display

    picture = ipywidgets.HTML()
    controls = {name: _slider(ipywidgets, name, *limits) for name, limits in sliders.items()}

    def redraw(_change) -> None:
        values = {name: control.value for name, control in controls.items()}
        picture.value = _picture(draw(**values), _words(alt, values))

    for control in controls.values():
        control.observe(redraw, names="value")
    box = ipywidgets.VBox([*controls.values(), picture])
    # widgets' own text names their classes and defaults, which change between versions
    bundle = box._repr_mimebundle_()
    names = ", ".join(
        f"{name} from {low:g} to {high:g}" for name, (low, high, *_) in sliders.items()
    )
    bundle["text/plain"] = f"Sliders (in a running notebook): {names}"
    bundle.pop("text/html", None)
    display(bundle, raw=True)


def _slider(ipywidgets, name: str, low, high, step, value):
    whole = all(float(number).is_integer() for number in (low, high, step, value))
    kind = ipywidgets.IntSlider if whole else ipywidgets.FloatSlider
    convert = int if whole else float
    return kind(
        value=convert(value),
        min=convert(low),
        max=convert(high),
        step=convert(step),
        # the name of a weight, W_hh, stays as it is in the text
        description=name if name[1:2] == "_" else name.replace("_", " "),
        continuous_update=False,
        style={"description_width": "initial"},
        layout={"width": "28em", "max_width": "100%"},
    )


def _picture(fig: Figure, alt: str) -> str:
    import matplotlib.pyplot as plt

    from unrolled import plots

    data = base64.b64encode(plots.png(fig)).decode()
    width = round(fig.get_size_inches()[0] * plots.SHOWN_DPI)
    plt.close(fig)
    return (
        f'<img alt="{html.escape(alt)}" width="{width}" style="max-width: 100%" '
        f'src="data:image/png;base64,{data}">'
    )


def _words(alt: str | Callable[..., str], values: dict) -> str:
    return alt(**values) if callable(alt) else alt


def _interactive() -> bool:
    """Whether there is a notebook to show sliders in."""
    if os.environ.get(GRADING_VARIABLE) or not in_notebook():
        return False
    try:
        import ipywidgets  # noqa: F401
    except ImportError:
        return False
    return True
