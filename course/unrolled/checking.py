"""``check``: what a student calls to hear at once whether a function is right.

The verdict is displayed, in a notebook as text with a coloured edge, elsewhere as plain lines.
``check`` returns nothing and never raises (Ctrl-C goes through).
"""

from __future__ import annotations

import html
import re
import sys
from collections.abc import Callable

from unrolled.diagnosis import Verdict, diagnose
from unrolled.frontend import ipython_shell

_CODE = re.compile(r"`([^`\n]+)`")
# colours that stand out on white and on JupyterLab's dark grey alike (from Okabe and Ito's palette)
_GREEN, _ORANGE, _BLUE = "#009E73", "#D55E00", "#0072B2"
_LOOKS = {
    "right": ("✓", "Right", _GREEN),
    "unwritten": ("○", "To do", _BLUE),
    "unknown": ("!", "Nothing checked", _BLUE),
    "no_key": ("!", "Nothing checked", _BLUE),
    "fault": ("!", "Nothing checked", _BLUE),
}
_NOT_YET = ("✗", "Not yet", _ORANGE)


class VerdictView:
    """A verdict as it is shown: text, and HTML for a notebook in a light or dark theme."""

    def __init__(self, verdict: Verdict):
        self.verdict = verdict

    def __repr__(self) -> str:
        symbol, word, _ = _LOOKS.get(self.verdict.kind, _NOT_YET)
        return f"{symbol} {word}. {self.verdict.text}".replace("\n", "\n  ")

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self.html()}

    def html(self) -> str:
        symbol, word, colour = _LOOKS.get(self.verdict.kind, _NOT_YET)
        escaped = html.escape(self.verdict.text)
        lines = [_CODE.sub(r"<code>\1</code>", line) for line in escaped.split("\n")]
        # the class keeps JupyterLab from reading mathematics into a student's dollar signs
        return (
            f'<div role="status" class="mathjax_ignore" style="border-left: 4px solid {colour}; padding: 0.2em 0.8em; '
            'margin: 0.2em 0; overflow-wrap: anywhere;">'
            f"<strong>{symbol} {word}.</strong> {'<br>'.join(lines)}</div>"
        )


def check(function: Callable, name: str | None = None) -> None:
    """Compare your function with the solution's results, and show what is off first.

    function: the function itself, as in ``check(rnn_step)``; its name tells the exercise.
    name: the exercise, where the function has another name.
    """
    try:
        verdict = diagnose(function, name)
    except Exception as error:  # whatever went wrong here, the notebook must go on
        text = (
            f"check() itself failed ({type(error).__name__}). That is a fault of the course, not "
            "yours: please report it. Your work is graded by other tests."
        )
        verdict = Verdict(name or "", False, None, text, "fault")
    show(verdict)


def show(verdict: Verdict) -> None:
    """Display a verdict in a notebook, print it elsewhere."""
    view = VerdictView(verdict)
    if ipython_shell() is not None:
        from IPython.display import display

        display(view)
    else:
        _print(repr(view))


def _print(text: str) -> None:
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding))
