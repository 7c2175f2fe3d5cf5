"""Figures of measured step times, in the course's style: over H, T and B, a roofline, launches.

A method keeps its colour and marker in all of them; a machine is told by the style of its line.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Annotation
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullFormatter, NullLocator

from unrolled import plots
from unrolled.palette import BLUE, GREEN, GREY, INK, LINES, ORANGE, PAPER, PURPLE, SKY, VERMILLION
from unrolled.step_results import AXES, machine_name, milliseconds, points_along

# method to its colour and marker
LOOKS = {
    "loop": (VERMILLION, "o"),
    "compiled": (ORANGE, "s"),
    "graph": (GREEN, "^"),
    "nn": (BLUE, "D"),
    "nn_bf16": (PURPLE, "v"),
    "nn_tf32": (INK, "X"),
    "fused": (GREY, "*"),
    "compiled_loop": (SKY, "P"),
}
_NAMES = {"H": "hidden size H", "T": "sequence length T", "B": "batch B"}


def draw_over(
    axis: str,
    results: dict | Iterable[dict],
    ax: Axes,
    *,
    methods: Iterable[str] | None = None,
    legend: bool = True,
) -> None:
    """Draw time per training step over an axis, a line for each method and machine that has it.

    axis: "H", "T" or "B"; the other two stand at the centre, and the label says where that is.
    results: one result or several; several machines differ in line style. methods: names of those to
    draw, by default all that were measured along the axis.
    legend: beside the axes. Raises ValueError if there is nothing to draw.
    """
    results = _several(results)
    lines = _lines(axis, results, methods)
    if not lines:
        raise ValueError(f"the results have no measured points along {axis}")
    for number, method, points in lines:
        colour, marker = LOOKS[method]
        ax.plot(
            [point[axis] for point in points],
            [1e3 * point["seconds"] for point in points],
            color=colour,
            marker=marker,
            linestyle=LINES[number % len(LINES)],
            markerfacecolor=colour if number == 0 else PAPER,
        )
    _scale(axis, sorted({point[axis] for *_, points in lines for point in points}), ax)
    centre = results[0]["setting"]["centre"]
    others = ", ".join(f"{other} = {centre[other]}" for other in ("T", "B", "H") if other != axis)
    ax.set_xlabel(f"{_NAMES[axis]}  ({others})")
    ax.set_ylabel("ms per training step")
    machines = sorted({number for number, *_ in lines})
    if len(machines) == 1:
        ax.set_title(machine_name(results[machines[0]]))
    if legend:
        handles = _handles(lines, results)
        ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.01, 1.02), borderaxespad=0)


def draw_times(
    results: dict | Iterable[dict], *, methods: Iterable[str] | None = None, width: float = 10
) -> Figure:
    """``draw_over`` for H, T and B side by side, with one legend below; returns the figure."""
    results = _several(results)
    per_axis = {axis: _lines(axis, results, methods) for axis in AXES}
    drawn = [axis for axis in AXES if per_axis[axis]]
    if not drawn:
        raise ValueError("the results have no measured points")
    fig, axes = plots.figure(1, len(drawn), width=width, height=4, sharey=True, squeeze=False)
    for place, (axis, ax) in enumerate(zip(drawn, axes[0], strict=True)):
        draw_over(axis, results, ax, methods=methods, legend=False)
        ax.set_title("")
        centre = results[0]["setting"]["centre"]
        others = ", ".join(
            f"{other} = {centre[other]}" for other in ("T", "B", "H") if other != axis
        )
        ax.set_xlabel(f"{_NAMES[axis]}\n({others})")
        if place:
            ax.set_ylabel("")
    every = [line for axis in drawn for line in per_axis[axis]]
    machines = sorted({number for number, *_ in every})
    if len(machines) == 1:
        fig.suptitle(machine_name(results[machines[0]]), x=0.01, ha="left", weight="bold", size=12)
    handles = _handles(every, results)
    fig.legend(handles=handles, loc="outside lower center", ncols=4)
    return fig


def describe_over(
    axis: str, results: dict | Iterable[dict], *, methods: Iterable[str] | None = None
) -> str:
    """What ``draw_over`` shows in words, for alternative text."""
    results = _several(results)
    parts = []
    for number, method, points in _lines(axis, results, methods):
        first, last = points[0], points[-1]
        parts.append(
            f"{results[number]['methods'][method]['label']} on {machine_name(results[number])} from "
            f"{milliseconds(first['seconds'])} at {axis} = {first[axis]}"
            + (
                f" to {milliseconds(last['seconds'])} at {axis} = {last[axis]}"
                if last is not first
                else ""
            )
        )
    return f"Time of a training step over the {_NAMES[axis]}: " + "; ".join(parts) + "."


def draw_roofline(result: dict, *, methods: Iterable[str] | None = None) -> Figure:
    """Draw what the device can reach and what each step does reach, both axes logarithmic.

    Across: floating-point operations for each byte that must move if nothing stays on the chip from
    one time step to the next. Upwards: operations per second. Flat roofs are measured matrix
    products, slanted ones memory and, higher, the caches. Steps whose weights stay in a cache may
    stand above the memory's roof. Points run along H (full line) and along B (dotted).
    """
    fig, ax = plots.figure(width=8, height=4.6)
    wanted = None if methods is None else set(methods)
    drawn, points = [], []
    for method in result["methods"]:
        along = {axis: points_along(axis, result, method) for axis in ("H", "B")}
        if not any(along.values()) or (wanted is not None and method not in wanted):
            continue
        drawn.append(method)
        colour, marker = LOOKS[method]
        for axis, style in (("H", "-"), ("B", ":")):
            xs = [point["flops"] / point["bytes"] for point in along[axis]]
            ys = [point["flops"] / point["seconds"] for point in along[axis]]
            ax.plot(xs, ys, color=colour, marker=marker, linestyle=style, linewidth=1.4)
            points += zip(xs, ys, strict=True)
    if not points:
        raise ValueError("the result has no measured points to draw under its roofs")
    _roofs(ax, result, [x for x, _ in points], [y for _, y in points])
    ax.set_xlabel("operations per byte moved (FLOP/byte)")
    ax.set_ylabel("operations per second")
    ax.set_title(machine_name(result))
    handles = [_handle(result, method) for method in drawn]
    handles.append(Line2D([], [], color=GREY, linestyle="-", linewidth=1.4, label="along H"))
    handles.append(Line2D([], [], color=GREY, linestyle=":", linewidth=1.4, label="along B"))
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.01, 1.02), borderaxespad=0)
    return fig


def draw_launches(result: dict) -> Figure:
    """Draw each method's step beside the time that starting its operations takes.

    The dark part of a bar is the number of launches times the time of the smallest one. The step is
    the one at the centre or, in a measurement too short to get there, the smallest of the same T.
    """
    launch = result["launch"]
    counted = {name for name, count in launch["counts"].items() if "launches" in count}
    points = [
        point
        for point in result["points"]
        if point["method"] in counted and "seconds" in point and point["T"] == launch["T"]
    ]
    if not points:
        raise ValueError("the result has no method whose launches were counted")
    centre = result["setting"]["centre"]
    at_centre = [point for point in points if all(point[axis] == centre[axis] for axis in AXES)]
    place = at_centre[0] if at_centre else min(points, key=lambda point: point["flops"])
    rows = [
        (point["method"], launch["counts"][point["method"]]["launches"], point["seconds"])
        for point in points
        if all(point[axis] == place[axis] for axis in AXES)
    ]
    rows.sort(key=lambda row: list(LOOKS).index(row[0]))
    rows.reverse()
    fig, ax = plots.figure(width=8, height=1.5 + 0.45 * len(rows))
    longest = 1e3 * max(seconds for *_, seconds in rows)
    for row, (_, launches, seconds) in enumerate(rows):
        floor = launches * launch["seconds"]
        ax.barh(row, 1e3 * seconds, color=SKY, height=0.62)
        ax.barh(row, 1e3 * min(floor, seconds), color=INK, height=0.24)
        words = f"{milliseconds(seconds)}, {launches:,} {_counted(launch['unit'], launches)}"
        ax.text(1e3 * seconds + 0.015 * longest, row, words, va="center", fontsize=11)
    ax.set_xlim(0, 1.55 * longest)
    ax.set_yticks(range(len(rows)), [result["methods"][method]["label"] for method, *_ in rows])
    ax.grid(False, axis="y")
    where = ", ".join(f"{axis} = {place[axis]}" for axis in ("T", "B", "H"))
    ax.set_xlabel(f"ms per training step  ({where})")
    ax.set_title(machine_name(result))
    each = 1e6 * launch["seconds"]
    handles = [
        Line2D([], [], color=SKY, linewidth=9, label="measured"),
        Line2D(
            [],
            [],
            color=INK,
            linewidth=4,
            label=f"{_counted(launch['unit'], 2)} alone, {each:.2g} µs each",
        ),
    ]
    fig.legend(handles=handles, loc="outside lower right", ncols=2)
    return fig


# --- parts ----------------------------------------------------------------------------------------


def _several(results: dict | Iterable[dict]) -> list[dict]:
    return [results] if isinstance(results, dict) else list(results)


def _lines(axis: str, results: list[dict], methods) -> list[tuple[int, str, list[dict]]]:
    """(number of the result, method, points) of every line there is to draw, method by method."""
    wanted = list(LOOKS) if methods is None else list(methods)
    for method in wanted:
        if method not in LOOKS:
            raise ValueError(f"no method is called {method!r}: there are {', '.join(LOOKS)}")
    found = []
    for number, result in enumerate(results):
        lines = [(number, method, points_along(axis, result, method)) for method in wanted]
        # a method measured at the centre alone is a dot among lines: drawn only if there is no line
        found += [line for line in lines if len(line[2]) > 1] or [line for line in lines if line[2]]
    return sorted(found, key=lambda line: (wanted.index(line[1]), line[0]))


def _scale(axis: str, values: list[int], ax: Axes) -> None:
    ax.set_xscale("log", base=2)
    ax.set_yscale("log")
    # every second value where all would run into one another
    shown = values if len(values) <= 5 else values[(len(values) - 1) % 2 :: 2]
    ax.xaxis.set_major_locator(FixedLocator(shown))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.xaxis.set_minor_locator(NullLocator())
    low, high = ax.get_ylim()
    subs = (1.0,) if high > 50 * low else (1.0, 2.0, 5.0)
    ax.yaxis.set_major_locator(LogLocator(subs=subs, numticks=12))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.yaxis.set_minor_formatter(NullFormatter())


def _handle(result: dict, method: str) -> Line2D:
    colour, marker = LOOKS[method]
    label = result["methods"][method]["label"]
    return Line2D([], [], color=colour, marker=marker, label=label)


def _handles(lines: list, results: list[dict]) -> list[Line2D]:
    """One entry a method and, where there are several, one a machine."""
    methods = {method: number for number, method, _ in reversed(lines)}
    handles = [_handle(results[methods[method]], method) for method in LOOKS if method in methods]
    machines = sorted({number for number, *_ in lines})
    if len(machines) > 1:
        for number in machines:
            handles.append(
                Line2D(
                    [],
                    [],
                    color=GREY,
                    linestyle=LINES[number % len(LINES)],
                    marker="o",
                    markerfacecolor=GREY if number == 0 else PAPER,
                    label=machine_name(results[number]),
                )
            )
    return handles


def _roofs(ax: Axes, result: dict, xs: list[float], ys: list[float]) -> None:
    """Draw the roofs above the points (xs, ys)."""
    flat = {
        dtype: found["flops_per_second"]
        for dtype, found in result["limits"]["matmul"].items()
        if "flops_per_second" in found
    }
    copies = result["limits"]["copy"]
    if not flat or not copies:
        raise ValueError("the result lacks the measured limits of its device")
    memory = copies[-1]["bytes_per_second"]
    cache = max(found["bytes_per_second"] for found in copies)
    top = max(flat.values())
    left, right = min(xs) / 4, max(4 * max(xs), 4 * top / memory)
    ax.set_xscale("log")
    ax.set_yscale("log")
    slants = [("memory", memory, "-", -14)]
    if cache > 1.2 * memory:
        slants.append(("caches", cache, "--", 5))
    for name, speed, style, away in slants:
        ax.plot([left, top / speed], [left * speed, top], color=INK, linestyle=style, linewidth=1.6)
        ax.add_artist(
            _Slanted(
                f"{name} {_amount(speed)}B/s",
                (left * 1.15, left * 1.15 * speed),
                xytext=(0, away),
                textcoords="offset points",
                rotation_mode="anchor",
                fontsize=10,
            )
        )
    for dtype, speed in flat.items():
        ax.plot([speed / cache, right], [speed, speed], color=INK, linestyle="-", linewidth=1.6)
        # the highest roof's words stand above it, the others' below theirs: roofs can lie close
        above = speed == top
        ax.annotate(
            f"{dtype} {_amount(speed)}FLOP/s",
            (right, speed),
            xytext=(0, 3 if above else -4),
            textcoords="offset points",
            ha="right",
            va="bottom" if above else "top",
            fontsize=10,
        )
    ax.set_xlim(left, right)
    ax.set_ylim(min(ys) / 3, 3 * top)
    for shown in (ax.xaxis, ax.yaxis):
        shown.set_major_formatter(FuncFormatter(lambda value, _: _amount(value).strip()))
        shown.set_minor_formatter(NullFormatter())


class _Slanted(Annotation):
    """Words along the line y = c · x through their place, however the axes come to lie."""

    def get_rotation(self) -> float:
        """Degrees on the page; asked for at every drawing, when the layout stands."""
        x, y = self.xy
        ends = self.axes.transData.transform([(x, y), (2 * x, 2 * y)])
        across, upwards = ends[1] - ends[0]
        return math.degrees(math.atan2(upwards, across))


def _counted(unit: str, number: int) -> str:
    one, several = ("launch", "launches") if unit == "kernel" else ("operator", "operators")
    return one if number == 1 else several


def _amount(value: float) -> str:
    """A number with a metric prefix and a space: 2.1e11 is "210 G"."""
    for size, letter in ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.3g} {letter}"
    return f"{value:.3g} "
