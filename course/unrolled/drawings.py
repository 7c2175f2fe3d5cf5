"""Drawn networks: boxes, circles and arrows by name, unrolled graphs, and a cell as an example.

``Diagram`` holds named nodes and draws arrows between them; everything else is made of it. One unit
of the drawing is one inch of the figure, so letters have the same size in every drawing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch

from unrolled.figures import subplots
from unrolled.palette import BLUE, GREEN, GREY, INK, ORANGE, PAPER, VERMILLION

# kind of node -> shape, edge colour, fill
_KINDS = {
    "input": ("round", GREEN, "#e3f4ee"),
    "state": ("round", BLUE, "#e1eef6"),
    "output": ("round", ORANGE, "#fdf3dd"),
    "loss": ("box", VERMILLION, "#fae8dd"),
    "layer": ("box", BLUE, "#e1eef6"),
    "gate": ("box", ORANGE, "#fdf3dd"),
    "operation": ("small", INK, PAPER),
    "plain": ("none", PAPER, PAPER),
}
_FADED = 0.3


@dataclass(frozen=True)
class _Node:
    x: float
    y: float
    patch: object


class Diagram:
    """A drawing of named nodes and arrows between them. ``figure`` is the matplotlib figure.

    width, height: inches, and also the range of the coordinates; (0, 0) is the lower left corner.
    """

    def __init__(self, width: float, height: float):
        self.figure, self.axes = subplots(figsize=(width, height), layout="none", facecolor=PAPER)
        self.axes.set_position((0, 0, 1, 1))
        self.axes.set(xlim=(0, width), ylim=(0, height), aspect="equal")
        self.axes.set_axis_off()
        self._nodes: dict[str, _Node] = {}

    def node(
        self,
        name: str,
        x: float,
        y: float,
        label: str | None = None,
        kind: str = "state",
        *,
        width: float = 0.62,
        height: float = 0.46,
        faded: bool = False,
    ) -> None:
        """Draw a node centred on (x, y); arrows name it.

        kind: input, state, output (round); loss, layer, gate (boxes of ``width`` by ``height``);
            operation (a small circle, for + and ×); plain (the label alone).
        label: text, with mathematics between dollars; by default the name.
        """
        shape, edge, fill = self._kind(kind)
        alpha = _FADED if faded else 1.0
        if shape == "box":
            patch = FancyBboxPatch(
                (x - width / 2, y - height / 2),
                width,
                height,
                boxstyle="round,pad=0,rounding_size=0.08",
            )
        else:
            patch = Circle((x, y), {"round": 0.29, "small": 0.15, "none": 0.17}[shape])
        patch.set(
            facecolor=fill,
            edgecolor=edge,
            linewidth=1.6,
            zorder=3,
            alpha=0.0 if shape == "none" else alpha,
        )
        self.axes.add_artist(patch)
        label = name if label is None else label
        long = len(label) > 5 and "$" not in label and shape == "round"
        self.axes.text(
            x,
            y,
            label,
            ha="center",
            va="center",
            fontsize=max(7.5, 60 / len(label)) if long else 12,
            color=INK,
            alpha=alpha,
            zorder=4,
        )
        self._nodes[name] = _Node(x, y, patch)

    def arrow(
        self,
        start: str | tuple[float, float],
        end: str | tuple[float, float],
        label: str = "",
        *,
        kind: str = "forward",
        bend: float = 0.0,
        shift: tuple[float, float] = (0.0, 0.0),
        at: float = 0.5,
        side: tuple[float, float] = (0.0, 0.14),
        faded: bool = False,
    ) -> None:
        """Draw an arrow between nodes (by name) or points.

        kind: forward (solid, dark), gradient (dashed, red), quiet (thin, grey).
        bend: curvature, 0 straight; positive bends to the left of the way.
        shift: moves the whole arrow. label stands at the share ``at`` of the way, ``side`` beside it.
        """
        colour, style, width = {
            "forward": (INK, "-", 1.5),
            "gradient": (VERMILLION, (0, (4, 2)), 1.9),
            "quiet": (GREY, "-", 1.0),
        }[kind]
        (x0, y0), patch0 = self._end(start)
        (x1, y1), patch1 = self._end(end)
        dx, dy = shift
        alpha = _FADED if faded else 1.0
        moved = bool(dx or dy)
        if moved:  # beside the nodes' centres: stop by distance, since no outline is met
            x0, y0, x1, y1 = _shorten(x0 + dx, y0 + dy, x1 + dx, y1 + dy, 0.27)
        self.axes.add_artist(
            FancyArrowPatch(
                (x0, y0),
                (x1, y1),
                patchA=None if moved else patch0,
                patchB=None if moved else patch1,
                shrinkA=1.5,
                shrinkB=1.5,
                arrowstyle="-|>",
                mutation_scale=12,
                connectionstyle=f"arc3,rad={-bend}",
                color=colour,
                linestyle=style,
                linewidth=width,
                alpha=alpha,
                zorder=2,
            )
        )
        if label:
            length = max(((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5, 1e-9)
            # an arc3 curve's middle is half of its bend away from the straight line
            out = bend * length / 2
            x = x0 + at * (x1 - x0) - out * (y1 - y0) / length + side[0]
            y = y0 + at * (y1 - y0) + out * (x1 - x0) / length + side[1]
            self.text(x, y, label, colour=colour if kind != "quiet" else GREY, faded=faded)

    def loop(self, name: str, label: str = "") -> None:
        """Draw an arrow from a round node over its top back to itself."""
        node = self._named(name)
        self.axes.add_artist(
            FancyArrowPatch(
                (node.x + 0.22, node.y + 0.2),
                (node.x + 0.22, node.y - 0.2),
                arrowstyle="-|>",
                mutation_scale=12,
                connectionstyle="arc3,rad=-1.9",
                color=INK,
                linewidth=1.5,
                zorder=2,
                shrinkA=0,
                shrinkB=0,
            )
        )
        if label:
            self.text(node.x + 0.68, node.y, label, align="left")

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        colour: str = INK,
        size: float = 11,
        align: str = "center",
        faded: bool = False,
    ) -> None:
        """Write text centred on (x, y), on a patch of paper so that no line runs through it."""
        self.axes.text(
            x,
            y,
            text,
            ha=align,
            va="center",
            fontsize=size,
            color=colour,
            alpha=_FADED if faded else 1.0,
            zorder=5,
            bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.8, "alpha": 0.85},
        )

    def frame(self, x: float, y: float, width: float, height: float, label: str = "") -> None:
        """Draw a dashed frame with its lower left corner at (x, y): nodes that belong together."""
        self.axes.add_artist(
            FancyBboxPatch(
                (x, y),
                width,
                height,
                boxstyle="round,pad=0,rounding_size=0.12",
                facecolor="#f7f7f7",
                edgecolor=GREY,
                linestyle=(0, (4, 3)),
                linewidth=1.2,
                zorder=0,
            )
        )
        if label:
            self.text(x + width / 2, y + height, label, colour=GREY)

    def _end(self, end: str | tuple[float, float]):
        if isinstance(end, str):
            node = self._named(end)
            return (node.x, node.y), node.patch
        return end, None

    def _named(self, name: str) -> _Node:
        if name not in self._nodes:
            raise ValueError(f"no node {name!r} in this drawing: {', '.join(self._nodes)}")
        return self._nodes[name]

    @staticmethod
    def _kind(kind: str):
        if kind not in _KINDS:
            raise ValueError(f"a node's kind is one of {', '.join(_KINDS)}, not {kind!r}")
        return _KINDS[kind]


def draw_unrolled(
    T: int = 3,
    *,
    inputs: Iterable[int] | None = None,
    outputs: Iterable[int] | None = None,
    folded: bool = True,
    weights: bool = True,
    losses: bool = False,
    gradients: Mapping[str, str] | Iterable[str] = (),
    words: Mapping[str, str] | None = None,
) -> Figure:
    """An RNN over T steps: the loop on the left, the same network unrolled in time on the right.

    inputs, outputs: the steps (counted from 1) that have one; all by default. One-to-many is
        ``inputs=[1]``, many-to-one ``outputs=[T]``.
    folded: draw the loop too. weights: write the shared weights on the arrows.
    losses: a loss above every output.
    gradients: arrows against the flow, each named by its two ends as in "h3>h2", "L3>y3", "y3>h3",
        "h3>x3", "h1>h0"; a dict gives each a label. Where there are any, the rest is drawn faint.
    words: other labels by node, as in {"x1": "good"}.
    """
    if T < 1:
        raise ValueError(f"at least one step, not T={T}")
    inputs = set(range(1, T + 1) if inputs is None else inputs)
    outputs = set(range(1, T + 1) if outputs is None else outputs)
    if not (inputs | outputs) <= set(range(1, T + 1)):
        raise ValueError(f"inputs and outputs are steps from 1 to T={T}")
    gradients = dict(gradients) if isinstance(gradients, Mapping) else dict.fromkeys(gradients, "")
    words = words or {}
    faded = bool(gradients)
    step, left = 1.35, 2.75 if folded else 0.55
    low, middle, high, top = 0.5, 1.55, 2.6, 3.55
    # a gradient's label stands to the right of its arrow, also of the last one
    right = 0.75 if any(gradients.values()) else 0.55
    upper = top if losses else high if outputs else middle + 0.1
    diagram = Diagram(left + step * T + right, upper + 0.5)

    def label(name: str, default: str) -> str:
        return words.get(name, default)

    if folded:
        diagram.node("x", 0.6, low, "$x_t$", "input")
        diagram.node("h", 0.6, middle, "$h_t$", "state")
        diagram.arrow("x", "h", "$W_{xh}$" if weights else "", side=(-0.3, 0))
        if outputs:
            diagram.node("y", 0.6, high, "$y_t$", "output")
            diagram.arrow("h", "y", "$W_{hy}$" if weights else "", side=(-0.3, 0))
        diagram.loop("h", "$W_{hh}$" if weights else "")
        diagram.text(1.95, middle + 0.42, "unroll", colour=GREY)
        diagram.arrow((1.72, middle + 0.22), (2.18, middle + 0.22), kind="quiet")
    diagram.node("h0", left, middle, label("h0", "$h_0$"), "plain")
    for t in range(1, T + 1):
        x = left + step * t
        diagram.node(f"h{t}", x, middle, label(f"h{t}", f"$h_{{{t}}}$"), "state")
        diagram.arrow(f"h{t - 1}", f"h{t}", "$W_{hh}$" if weights else "", faded=faded)
        if t in inputs:
            diagram.node(f"x{t}", x, low, label(f"x{t}", f"$x_{{{t}}}$"), "input")
            diagram.arrow(
                f"x{t}", f"h{t}", "$W_{xh}$" if weights else "", side=(-0.3, 0), faded=faded
            )
        if t in outputs:
            diagram.node(f"y{t}", x, high, label(f"y{t}", f"$y_{{{t}}}$"), "output")
            diagram.arrow(
                f"h{t}", f"y{t}", "$W_{hy}$" if weights else "", side=(-0.3, 0), faded=faded
            )
            if losses:
                diagram.node(f"L{t}", x, top, label(f"L{t}", f"$L_{{{t}}}$"), "loss")
                diagram.arrow(f"y{t}", f"L{t}", faded=faded)
    for way, text in gradients.items():
        start, _, end = way.partition(">")
        sideways = start[:1] == end[:1]
        diagram.arrow(
            start,
            end,
            text,
            kind="gradient",
            shift=(0, -0.16) if sideways else (0.16, 0),
            side=(0, -0.2) if sideways else (0.32, 0),
        )
    return diagram.figure


def draw_cell() -> Figure:
    """The inside of an RNN's step: two products, a sum with the bias, tanh, and the new state."""
    diagram = Diagram(6.2, 3.35)
    diagram.frame(1.15, 0.95, 3.8, 2.1, "one step")
    diagram.node("h_prev", 0.55, 2.4, "$h_{t-1}$", "state")
    diagram.node("W_hh", 1.75, 2.4, "$W_{hh}$", "layer")
    diagram.node("sum", 2.75, 2.4, "+", "operation")
    diagram.node("W_xh", 2.75, 1.4, "$W_{xh}$", "layer")
    diagram.node("x", 2.75, 0.42, "$x_t$", "input")
    diagram.node("b", 3.4, 1.8, "$b_h$", "plain")
    diagram.node("tanh", 4.1, 2.4, "tanh", "gate", width=0.8)
    diagram.node("h", 5.6, 2.4, "$h_t$", "state")
    for start, end in (
        ("h_prev", "W_hh"),
        ("W_hh", "sum"),
        ("x", "W_xh"),
        ("W_xh", "sum"),
        ("b", "sum"),
        ("sum", "tanh"),
        ("tanh", "h"),
    ):
        diagram.arrow(start, end)
    return diagram.figure


def _shorten(x0, y0, x1, y1, by: float) -> tuple[float, float, float, float]:
    length = max(((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5, 2 * by + 1e-9)
    ux, uy = (x1 - x0) / length, (y1 - y0) / length
    return x0 + by * ux, y0 + by * uy, x1 - by * ux, y1 - by * uy
