"""Colours, line styles and markers of the course's figures.

The colours are Okabe and Ito's (2008), chosen to stay apart for every kind of colour vision; each
comes with a line style and a marker of its own, so that no figure rests on colour alone.
"""

from __future__ import annotations

INK = "#1a1a1a"
GREY = "#6b6b6b"
PAPER = "#ffffff"

BLUE = "#0072B2"
VERMILLION = "#D55E00"
GREEN = "#009E73"
PURPLE = "#CC79A7"
ORANGE = "#E69F00"
SKY = "#56B4E9"

COLOURS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY)
LINES = ("-", "--", "-.", ":", (0, (6, 1.5, 1, 1.5, 1, 1.5)), (0, (3, 3)))
MARKERS = ("o", "s", "^", "D", "v", "P")
