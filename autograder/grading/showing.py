"""What a person may be shown of a student's outputs: an allow-list, applied before anything is kept.

``autograded/`` is opened in formgrader and turned into feedback pages, so an output that could run
in a reader's browser (scripts, event handlers, SVG, widgets) must not get that far.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import replace
from typing import Any

import bleach
from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder.grading.session import Outcome

MAX_TEXT = 20_000
MAX_HTML = 60_000
MAX_MARKUP = 4_000
MAX_IMAGE = 3_000_000
MAX_OUTPUTS = 200
_IMAGES = ("image/png", "image/jpeg")
_TAGS = frozenset(
    "a abbr b blockquote br caption code col colgroup dd del details div dl dt em h1 h2 h3 h4 h5 h6 "
    "hr i kbd li ol p pre s samp small span strong sub summary sup table tbody td tfoot th thead "
    "tr u ul var".split()
)
_ATTRIBUTES = {
    "*": ["class", "title"],
    "a": ["href"],
    "td": ["colspan", "rowspan"],
    "th": ["colspan", "rowspan", "scope"],
}
_DROPPED_WHOLE = re.compile(r"<(script|style)\b.*?(</\1\s*>|\Z)", re.I | re.S)
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def plain(text: Any, limit: int = MAX_TEXT) -> str:
    """Text without terminal codes and control characters, cut to ``limit`` characters."""
    if isinstance(text, list | tuple):
        text = "".join(part for part in text if isinstance(part, str))
    if not isinstance(text, str):
        return ""
    # half a surrogate pair cannot be written as UTF-8
    text = text[: 2 * limit].encode("utf-8", "replace").decode("utf-8")
    text = _CONTROL.sub("", _ANSI.sub("", text))
    return text if len(text) <= limit else text[:limit] + "\n… cut here"


def clean_html(text: str) -> str:
    """HTML reduced to tags that lay out text and tables; no script, style, link to a script.

    Too long, or too many tags, and nothing is left: a page cut in the middle is no page, and the
    parser takes quadratic time over some of them.
    """
    if len(text) > MAX_HTML or text.count("<") > MAX_MARKUP:
        return ""
    text = _DROPPED_WHOLE.sub("", text)
    return bleach.clean(
        text, tags=_TAGS, attributes=_ATTRIBUTES, protocols=["http", "https", "mailto"], strip=True
    )


def cleaned(outcome: Outcome) -> Outcome:
    """The outcome with only such outputs as may be shown."""
    outcome.cells = {
        identity: replace(cell, outputs=[dict(output) for output in shown(cell.outputs)])
        for identity, cell in outcome.cells.items()
    }
    return outcome


def shown(outputs: list[Any]) -> list[NotebookNode]:
    """The outputs of a student's cell that are kept, each rebuilt from what is known of its kind."""
    kept: list[NotebookNode] = []
    room = MAX_TEXT
    for output in outputs[:MAX_OUTPUTS]:
        if not isinstance(output, dict):
            continue
        node = _shown(output, room)
        if node is None:
            continue
        room -= len(node.get("text", ""))
        kept.append(node)
        if room <= 0:
            break
    return kept


def _shown(output: dict[str, Any], room: int) -> NotebookNode | None:
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        text = plain(output.get("text"), room)
        return new_output("stream", name=name, text=text) if text else None
    if kind == "error":
        trace = output.get("traceback")
        lines = trace if isinstance(trace, list) else []
        return new_output(
            "error",
            ename=plain(output.get("ename"), 200),
            evalue=plain(output.get("evalue"), 2000),
            traceback=[plain(line, 4000) for line in lines[:60]],
        )
    if kind in ("display_data", "execute_result"):
        data = _data(output.get("data"))
        if not data:
            return None
        if kind == "display_data":
            return new_output("display_data", data=data)
        count = output.get("execution_count")
        return new_output(
            "execute_result", data=data, execution_count=count if isinstance(count, int) else None
        )
    return None


def _data(data: Any) -> dict[str, str]:
    if not isinstance(data, dict):
        return {}
    kept: dict[str, str] = {}
    for kind in _IMAGES:
        if image := _image(data.get(kind)):
            kept[kind] = image
    if text := plain(data.get("text/plain")):
        kept["text/plain"] = text
    html = data.get("text/html")
    if isinstance(html, list):
        html = "".join(part for part in html if isinstance(part, str))
    if isinstance(html, str) and not kept.keys() & set(_IMAGES):
        html = clean_html(plain(html, MAX_HTML))
        if html.strip():
            kept["text/html"] = html
    return kept


def _image(data: Any) -> str | None:
    """Base64 of a picture; whatever is not base64 is no picture."""
    if isinstance(data, list):
        data = "".join(part for part in data if isinstance(part, str))
    if not isinstance(data, str) or not 0 < len(data) <= MAX_IMAGE:
        return None
    data = "".join(data.split())
    try:
        base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data
