"""What `autograder verify` prints: a table for each chapter, and below it what is off."""

from __future__ import annotations

import textwrap

from autograder.verification.results import ChapterResult, ExerciseResult, number

_WIDTH = 100
_HEAD = (
    ("exercise", "points"),
    ("wrong", "accepted"),
    ("right", "refused"),
    ("diagnoses", "missed"),
    ("mutants", "killed", "equivalent", "survivors"),
)


def table(result: ChapterResult) -> str:
    """The numbers of one chapter."""
    possible = number(result.possible)
    lines = [result.chapter]
    if not result.ran:
        return f"{result.chapter}\n  not run: its text is refused, see below"
    jeopardy = len(result.double_jeopardy) or "none"
    lines.append(
        f"  solution {number(result.solution)}/{possible} points, "
        f"unsolved {number(result.unsolved)}/{possible}, double jeopardy {jeopardy}"
    )
    rows = [[name for group in _HEAD for name in group]]
    rows += [_row(name, exercise) for name, exercise in result.exercises.items()]
    if len(result.exercises) > 1:
        rows.append(_totals(result))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        first = row[0].ljust(widths[0])
        others = (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
        lines.append(f"  {'  '.join((first, *others))}".rstrip())
    run = [e.mutants for e in result.exercises.values() if e.mutants_run and e.mutants.made]
    if run:
        made, killed = sum(m.made for m in run), sum(m.killed for m in run)
        explained = sum(len(m.equivalent) for m in run)
        line = f"  {_percent(killed, made)} of {made} mutants killed"
        if explained and made > explained:
            line += f", {_percent(killed, made - explained)} of those not equivalent"
        lines.append(line)
    return "\n".join(lines)


def details(results: list[ChapterResult]) -> str:
    """Everything that is off, in sentences with file and line; empty if nothing is."""
    blocks = []
    for title, kind in (("Found", "findings"), ("Worth a look", "warnings")):
        said = [finding for result in results for finding in getattr(result, kind)]
        if said:
            blocks.append(f"{title} ({len(said)}):")
            blocks += [_wrapped(f"{finding.where}: {finding.text}") for finding in said]
    return "\n".join(blocks)


def verdict(results: list[ChapterResult]) -> str:
    """The last line."""
    count = sum(len(result.findings) for result in results)
    chapters = f"{len(results)} chapter{'s' if len(results) != 1 else ''}"
    if not count:
        return f"all well in {chapters}"
    return f"{count} finding{'s' if count != 1 else ''} in {chapters}"


def _row(name: str, result: ExerciseResult) -> list[str]:
    mutants = result.mutants
    counts: list[object] = [number(result.points), result.wrong_tried, len(result.accepted)]
    counts += [result.right_tried, len(result.refused), result.matched, len(result.missed)]
    if result.mutants_run:
        counts += [mutants.made, mutants.killed, len(mutants.equivalent), len(mutants.unexplained)]
    else:
        counts += ["-"] * 4
    return [name, *map(str, counts)]


def _totals(result: ChapterResult) -> list[str]:
    rows = [_row(name, exercise)[1:] for name, exercise in result.exercises.items()]
    sums = [
        sum(float(cell) for cell in column if cell != "-") for column in zip(*rows, strict=True)
    ]
    return ["together", *(str(number(total)) for total in sums)]


def _percent(part: int, whole: int) -> str:
    # rounded down: 99.96% is not all
    return f"{int(1000 * part / whole) / 10:g}%"


def _wrapped(text: str) -> str:
    first, *rest = text.split("\n")
    lines = textwrap.wrap(
        first,
        _WIDTH,
        initial_indent="- ",
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines + [f"    {line}" for line in rest])
