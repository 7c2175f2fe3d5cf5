"""What a page may consist of, so that nothing in it can run, load or deceive: an allow-list."""

from __future__ import annotations

import re
from html.parser import HTMLParser

TAGS = frozenset(
    "a abbr b blockquote body br caption code col colgroup dd del details div dl dt em figcaption "
    "figure h1 h2 h3 h4 h5 h6 head header hr html i img kbd li main meta ol p pre s samp section "
    "small span strong style sub summary sup table tbody td tfoot th thead title tr u ul var".split()
)
DRAWING = frozenset("svg g path rect text defs use clippath metadata style".split())
"""Elements of the figures that the report draws itself."""
ATTRIBUTES = frozenset(
    "alt charset class colspan content href http-equiv id lang name open rowspan scope src title".split()
)
INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
)
"""Control characters, and those that change the order in which a text is shown."""
_LINK = re.compile(r"(https?://|mailto:|#|\.\./feedback/)")
_IMAGE = re.compile(r"data:image/(png|jpeg);base64,[A-Za-z0-9+/=]+")


class _Reader(HTMLParser):
    def __init__(self, drawings: bool):
        super().__init__(convert_charrefs=True)
        self.drawings = drawings
        self.depth = 0
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag == "svg" and self.drawings:
            self.depth += 1
        if self.depth:
            if tag not in DRAWING:
                self.found.append(f"<{tag}> in a drawing")
            self.found += [f"{tag} {k}" for k, _ in attributes if k.startswith("on")]
            return
        if tag not in TAGS:
            self.found.append(f"<{tag}>")
        for key, value in attributes:
            value = value or ""
            if key not in ATTRIBUTES:
                self.found.append(f"{tag} {key}")
            elif key == "href" and not _LINK.match(value):
                self.found.append(f"a link to {value[:60]}")
            elif key == "src" and not _IMAGE.fullmatch(value):
                self.found.append(f"a source {value[:60]}")

    def handle_endtag(self, tag: str) -> None:
        if tag == "svg":
            self.depth -= 1


def faults(page: str, drawings: bool = False) -> list[str]:
    """What in a page is not on the list; ``drawings``: it may hold figures of its own as SVG."""
    reader = _Reader(drawings)
    reader.feed(page)
    reader.close()
    hidden = {f"U+{ord(c):04X}" for c in INVISIBLE.findall(page)}
    return reader.found + sorted(hidden)
