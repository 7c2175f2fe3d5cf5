"""Where the toolbox shows things: a plain process, IPython, or a notebook with a kernel."""

from __future__ import annotations

import sys


def ipython_shell():
    """The running IPython shell, or None. IPython is never imported for the sake of asking."""
    module = sys.modules.get("IPython")
    return module.get_ipython() if module is not None else None


def in_notebook() -> bool:
    """Whether a Jupyter kernel runs this, so that widgets can reach a front end."""
    return getattr(ipython_shell(), "kernel", None) is not None
