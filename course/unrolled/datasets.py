"""Data that is already on every machine: nothing is downloaded.

Stock prices come with matplotlib, English prose with Python's own documentation.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np


class StockPrices(NamedTuple):
    """A daily price: ``name`` of the share, ``dates`` (N,) datetime64[D], ``prices`` (N,) float64."""

    name: str
    dates: np.ndarray
    prices: np.ndarray


def stock_prices() -> StockPrices:
    """Google's daily closing price from 2004-08-19 to 2008-10-14, in US dollars: 1047 trading days.

    From matplotlib's sample data (``goog.npz``). Trading days only, so dates have gaps.
    """
    from matplotlib import cbook

    path = cbook.get_sample_data("goog.npz", asfileobj=False)
    with np.load(path, allow_pickle=False) as archive:
        table = archive["price_data"]
    return StockPrices(
        "Google (GOOG)",
        table["date"].astype("datetime64[D]"),
        np.ascontiguousarray(table["close"], dtype=np.float64),
    )


def python_documentation(blocks: int = 40, held_out_every: int = 8) -> tuple[str, str]:
    """English prose in two parts: ``train, held_out``, from Python's own documentation.

    The text is that of ``pydoc_data.topics``, which comes with every Python: its paragraphs of
    prose, one a line, in ASCII, without headings, grammar and program text. A paragraph that stands
    in several topics is kept once, or the held-out part would hold sentences that were trained on.
    The whole is cut, between paragraphs, into ``blocks`` contiguous blocks of about equal length,
    and every ``held_out_every``-th of them is held out: so both parts are about the same subjects.

    Releases of Python 3.11 differ by some sentences, so sizes differ by a little between machines.
    """
    if not 1 <= held_out_every <= blocks:
        raise ValueError(
            f"1 <= held_out_every <= blocks, not held_out_every={held_out_every}, blocks={blocks}"
        )
    paragraphs = _prose()
    ends = np.cumsum([len(paragraph) + 1 for paragraph in paragraphs])
    of_block = np.minimum((ends - 1) * blocks // ends[-1], blocks - 1)
    held = of_block % held_out_every == held_out_every - 1
    parts = [[p for p, out in zip(paragraphs, held, strict=True) if out == side] for side in (0, 1)]
    return tuple("".join(f"{paragraph}\n" for paragraph in part) for part in parts)


_TYPOGRAPHY = {
    "‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "`": '"', "\xa0": " "
}  # fmt: skip


def _prose() -> list[str]:
    """The documentation's paragraphs of prose, each on one line, in the order of the topics."""
    from pydoc_data.topics import topics

    found: dict[str, None] = {}
    for name in sorted(topics):
        topic = topics[name]
        for sign, plain in _TYPOGRAPHY.items():  # several times as fast as str.translate
            topic = topic.replace(sign, plain)
        for block in re.split(r"\n[ \t]*\n", topic):
            text = re.sub(r'"{2,}', '"', " ".join(block.split()))
            text = text.encode("ascii", "ignore").decode()
            if _is_prose(text, block):
                found[text] = None
    return list(found)


def _is_prose(text: str, block: str) -> bool:
    words = re.findall(r"[A-Za-z]{2,}", text)
    other = re.sub(r"[A-Za-z ]+", "", text)
    return (
        len(words) >= 10
        and text[-1] in ".:;)"
        and len(text) - len(other) >= 0.9 * len(text)
        and "::=" not in text
        and ">>>" not in text
        and re.search(r"^[*=~^-]{4,}$", block, re.M) is None
    )
