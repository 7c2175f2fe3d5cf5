"""What a person may be shown of a student's outputs: an allow-list, applied before anything is kept.

``autograded/`` is opened in formgrader and turned into feedback pages, so an output that could run
in a reader's browser (scripts, event handlers, SVG, widgets) must not get that far.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
from dataclasses import replace
from typing import Any

import bleach
from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder.grading.outcome import Outcome
from autograder.grading.outputs import clean_count, clean_output
from autograder.grading.readable import readable

MAX_TEXT = 20_000
MAX_HTML = 60_000
MAX_MARKUP = 4_000
MAX_IMAGE = 3_000_000
MAX_PIXELS = 30_000_000
"""Of a picture. A small file can unfold into more than a reader's computer has memory."""
MAX_OUTPUTS = 200
_IMAGES = ("image/png", "image/jpeg")
_TAGS = frozenset(
    "a abbr b blockquote br caption code col colgroup dd del details div dl dt em h1 h2 h3 h4 h5 h6 "
    "hr i kbd li ol p pre s samp small span strong sub summary sup table tbody td tfoot th thead "
    "tr u ul var".split()
)
_ATTRIBUTES = {
    "*": ["title"],
    "a": lambda tag, name, value: name == "href" and bool(_LINK.match(value)),
    # a class of the page's own would let an output pose as a verdict; this one is pandas'
    "table": lambda tag, name, value: (name, value) == ("class", "dataframe"),
    "td": ["colspan", "rowspan"],
    "th": ["colspan", "rowspan", "scope"],
}
_LINK = re.compile(r"https?://|mailto:|#")
_DROPPED_WHOLE = re.compile(r"<(script|style)\b.*?(</\1\s*>|\Z)", re.I | re.S)


def plain(text: str | None, limit: int = MAX_TEXT) -> str:
    """Text without terminal codes and unseen characters, cut to ``limit`` characters."""
    text = readable((text or "")[: 2 * limit])
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
        identity: replace(
            cell,
            outputs=[dict(output) for output in shown(cell.outputs)],
            execution_count=clean_count(cell.execution_count),
        )
        for identity, cell in outcome.cells.items()
    }
    return outcome


def shown(outputs: list[Any]) -> list[NotebookNode]:
    """The outputs of a student's cell that are kept, each rebuilt from what is known of its kind."""
    kept: list[NotebookNode] = []
    room = MAX_TEXT
    for output in outputs[:MAX_OUTPUTS]:
        clean = clean_output(output)
        node = _shown(clean, room) if clean is not None else None
        if node is None:
            continue
        room -= len(node.get("text", ""))
        kept.append(node)
        if room <= 0:
            break
    return kept


def _shown(output: dict[str, Any], room: int) -> NotebookNode | None:
    kind = output["output_type"]
    if kind == "stream":
        text = plain(output["text"], room)
        return new_output("stream", name=output["name"], text=text) if text else None
    if kind == "error":
        return new_output(
            "error",
            ename=plain(output["ename"], 200),
            evalue=plain(output["evalue"], 2000),
            traceback=[plain(line, 4000) for line in output["traceback"][:60]],
        )
    data = _data(output["data"])
    if not data:
        return None
    if kind == "display_data":
        return new_output("display_data", data=data)
    return new_output("execute_result", data=data, execution_count=output["execution_count"])


def _data(data: dict[str, str]) -> dict[str, str]:
    kept: dict[str, str] = {}
    for kind in _IMAGES:
        if image := _image(data.get(kind, "")):
            kept[kind] = image
    if text := plain(data.get("text/plain")):
        kept["text/plain"] = text
    if not kept.keys() & set(_IMAGES):
        html = clean_html(plain(data.get("text/html"), MAX_HTML))
        if html.strip():
            kept["text/html"] = html
    return kept


def _image(data: str) -> str | None:
    """Base64 of a picture that can be shown; None for what is no picture or too large."""
    if not 0 < len(data) <= MAX_IMAGE:
        return None
    data = "".join(data.split())
    try:
        picture = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return None
    size = _png_size(picture) or _jpeg_size(picture)
    return data if size is not None and 0 < size[0] * size[1] <= MAX_PIXELS else None


def _png_size(picture: bytes) -> tuple[int, int] | None:
    """Width and height in a PNG's head; None for what is no PNG."""
    if len(picture) < 33 or picture[:16] != b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR":
        return None
    return struct.unpack(">II", picture[16:24])


def _jpeg_size(picture: bytes) -> tuple[int, int] | None:
    """Width and height in the frame header of a JPEG, found by going from segment to segment."""
    place = 2 if picture[:2] == b"\xff\xd8" else len(picture)
    while place + 9 <= len(picture) and picture[place] == 0xFF:
        kind, length = struct.unpack(">BH", picture[place + 1 : place + 4])
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", picture[place + 5 : place + 9])
            return width, height
        place += 2 + length
    return None
