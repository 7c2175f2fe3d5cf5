"""The instructor's page of one chapter: how the class did, what it got wrong, who needs a person.

One static file, ``report/NN_name.html``: no script, figures inside as SVG, links to each student's
feedback page. Everything on it comes from the gradebook.
"""

from __future__ import annotations

import collections
import datetime
import io
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import matplotlib
import sqlalchemy as sql
from markupsafe import Markup
from matplotlib.figure import Figure

from autograder.course import Chapter
from autograder.grading.feedback import environment, with_code
from autograder.grading.handed_in import Finding
from autograder.grading.recording import Record, known_mistakes, read_records, replace_file

# colours that stay apart for colour-blind readers and in grey print
FULL, PART, NONE = "#0072b2", "#e69f00", "#bdbdbd"


@dataclass(frozen=True)
class Student:
    """One line of the class list."""

    name: str
    score: float
    possible: float
    waiting: int
    """Cells that a person still has to grade."""
    feedback: str | None
    """Link to the feedback page, or None where there is none."""
    record: Record | None


@dataclass(frozen=True)
class Mistake:
    """A known mistake and who made it."""

    exercise: str
    name: str
    text: Markup
    students: list[str]


@dataclass
class Attention:
    """A student whom a person should look at, and why."""

    student: str
    feedback: str | None
    reasons: list[Finding] = field(default_factory=list)


def page_path(chapter: Chapter, out: Path) -> Path:
    """Where the instructor's page of a chapter is written."""
    return out / "report" / f"{chapter.name}.html"


def write(chapter: Chapter, out: Path, gradebook: Any) -> Path:
    """Write the page from the gradebook; returns its path."""
    path = page_path(chapter, out)
    path.parent.mkdir(parents=True, exist_ok=True)
    records = read_records(gradebook, chapter.name)
    students = _students(chapter, out, gradebook, records)
    page = (
        environment()
        .get_template("report.html")
        .render(
            chapter=chapter,
            students=students,
            records=records,
            written_at=datetime.datetime.now().astimezone().strftime("%d %B %Y, %H:%M"),
            exercises=_exercises(chapter, records),
            mistakes=_mistakes(chapter, records),
            unexplained=_unexplained(chapter, records),
            unsolved=_unsolved(chapter, records),
            attention=_attention(students),
            findings=_findings(records),
            mean=sum(s.score for s in students) / len(students) if students else 0.0,
            median=_median([s.score for s in students]),
            possible=max((s.possible for s in students), default=chapter.points),
            distribution=_distribution(students),
            by_exercise=_by_exercise(chapter, records),
        )
    )
    replace_file(path, page)
    return path


def _students(chapter: Chapter, out: Path, gradebook: Any, records: list[Record]) -> list[Student]:
    by_student = {record.student: record for record in records}
    waiting = _waiting(chapter, gradebook)
    report = page_path(chapter, out).parent
    students = []
    for row in gradebook.submission_dicts(chapter.name):
        name = row["student"]
        page = out / "feedback" / name / chapter.name / f"{chapter.name}.html"
        link = quote(os.path.relpath(page, report).replace(os.sep, "/")) if page.is_file() else None
        students.append(
            Student(
                name=name,
                score=float(row["score"]),
                possible=float(row["max_score"]),
                waiting=waiting.get(name, 0),
                feedback=link,
                record=by_student.get(name),
            )
        )
    return sorted(students, key=lambda student: student.name)


def _waiting(chapter: Chapter, gradebook: Any) -> dict[str, int]:
    """Cells without a person's grade that need one, by student."""
    from nbgrader.api import Assignment, Grade, SubmittedAssignment, SubmittedNotebook

    query = (
        sql.select(SubmittedAssignment.student_id, sql.func.count())
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(
            Assignment.name == chapter.name,
            Grade.needs_manual_grade,
            Grade.manual_score.is_(None),
        )
        .group_by(SubmittedAssignment.student_id)
    )
    with gradebook.engine.connect() as connection:
        return {student: count for student, count in connection.execute(query)}


def _exercises(chapter: Chapter, records: list[Record]) -> list[dict[str, Any]]:
    rows = []
    for name, exercise in chapter.exercises.items():
        results = [r.exercises[name] for r in records if name in r.exercises]
        statuses = collections.Counter(result.status for result in results)
        full = sum(result.earned >= exercise.points for result in results)
        rows.append(
            {
                "name": name,
                "points": exercise.points,
                "mean": sum(r.earned for r in results) / len(results) if results else 0.0,
                "full": full,
                "part": sum(0 < result.earned < exercise.points for result in results),
                "none": sum(result.earned <= 0 for result in results),
                "share": full / len(results) if results else 0.0,
                "missing": statuses["missing"] + statuses["unreadable"],
                "stopped": statuses["timeout"] + statuses["died"],
            }
        )
    return rows


def _mistakes(chapter: Chapter, records: list[Record]) -> list[Mistake]:
    """Known mistakes, the commonest first."""
    made: dict[tuple[str, str], list[str]] = collections.defaultdict(list)
    for record in records:
        for exercise, result in record.exercises.items():
            if result.diagnosis:
                made[exercise, result.diagnosis].append(record.student)
    texts = known_mistakes(chapter)
    return [
        Mistake(exercise, name, with_code(texts.get(exercise, {}).get(name, name)), students)
        for (exercise, name), students in sorted(made.items(), key=lambda m: (-len(m[1]), m[0]))
    ]


def _unexplained(chapter: Chapter, records: list[Record]) -> list[dict[str, Any]]:
    """Messages of wrong answers that no known mistake explains, the commonest first."""
    counts: collections.Counter[tuple[str, str]] = collections.Counter()
    for record in records:
        for exercise, result in record.exercises.items():
            if result.status in ("failed", "error") and not result.diagnosis:
                # numbers differ between answers that are wrong in the same way
                counts[exercise, re.sub(r"-?\d[\d.e+-]*", "…", result.message)] += 1
    return [
        {"exercise": exercise, "message": with_code(message), "count": count}
        for (exercise, message), count in counts.most_common(15)
    ]


def _unsolved(chapter: Chapter, records: list[Record]) -> list[str]:
    """Exercises for which nobody earned all points."""
    if not records:
        return []
    return [
        name
        for name, exercise in chapter.exercises.items()
        if not any(
            name in r.exercises and r.exercises[name].earned >= exercise.points for r in records
        )
    ]


def _attention(students: list[Student]) -> list[Attention]:
    """Who needs a person, and why; those whose work was not graded first."""
    found: list[tuple[int, Attention]] = []
    for student in students:
        who = Attention(student.name, student.feedback)
        record = student.record
        urgent = 2
        if record is not None:
            if record.problem:
                who.reasons.append(Finding("not graded", record.problem))
                urgent = 0
            if record.reason:
                who.reasons.append(Finding("unreadable", record.reason))
                urgent = min(urgent, 1)
            who.reasons += [f for f in record.findings if f.kind != "unreadable"]
            who.reasons += record.events
        if student.waiting:
            what = "answer" if student.waiting == 1 else "answers"
            who.reasons.append(
                Finding("to grade", f"{student.waiting} {what} for a person to grade in formgrader")
            )
        if who.reasons:
            only_written = all(reason.kind == "to grade" for reason in who.reasons)
            found.append((3 if only_written else urgent, who))
    return [who for _, who in sorted(found, key=lambda pair: (pair[0], pair[1].student))]


def _findings(records: list[Record]) -> list[tuple[str, int]]:
    """Kinds of findings and events by how many submissions have them."""
    kinds: collections.Counter[str] = collections.Counter()
    for record in records:
        kinds.update({finding.kind for finding in (*record.findings, *record.events)})
    return kinds.most_common()


def _median(values: list[float]) -> float:
    if not values:
        return 0.0
    ordered = sorted(values)
    middle = len(ordered) // 2
    return (ordered[middle] + ordered[-middle - 1]) / 2


# -------------------------------------------------------------------------------------- figures


def _distribution(students: list[Student]) -> Markup | None:
    """Histogram of total scores."""
    if not students:
        return None
    top = max(max(s.possible for s in students), max(s.score for s in students), 1.0)
    bins = min(20, max(5, int(top)))
    edges = [top * i / bins for i in range(bins + 1)]
    counts = [0] * bins
    for student in students:
        place = int(max(student.score, 0.0) / top * bins)
        counts[min(place, bins - 1)] += 1
    figure = Figure(figsize=(7.2, 2.6), layout="constrained")
    axes = figure.subplots()
    axes.bar(edges[:-1], counts, width=top / bins * 0.92, align="edge", color=FULL)
    axes.set_xlabel("points (written answers as far as they are graded)")
    axes.set_ylabel("students")
    axes.yaxis.get_major_locator().set_params(integer=True)
    _plain(axes)
    words = ", ".join(
        f"{edges[i]:.3g} to {edges[i + 1]:.3g}: {count}" for i, count in enumerate(counts) if count
    )
    return _svg(figure, f"Number of students by points. {words}.")


def _by_exercise(chapter: Chapter, records: list[Record]) -> Markup | None:
    """Per exercise the share of the class with all, some and no points."""
    rows = _exercises(chapter, records)
    if not records or not rows:
        return None
    figure = Figure(figsize=(7.2, 0.9 + 0.34 * len(rows)), layout="constrained")
    axes = figure.subplots()
    names = [row["name"] for row in rows]
    left = [0.0] * len(rows)
    for key, label, colour in (
        ("full", "all points", FULL),
        ("part", "some", PART),
        ("none", "none", NONE),
    ):
        widths = [100 * row[key] / len(records) for row in rows]
        axes.barh(names, widths, left=left, color=colour, label=label, height=0.7)
        left = [a + b for a, b in zip(left, widths, strict=True)]
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("percent of the class")
    axes.legend(ncols=3, loc="lower left", bbox_to_anchor=(0, 1), frameon=False)
    _plain(axes)
    words = "; ".join(
        f"{row['name']}: {row['full']} all, {row['part']} some, {row['none']} none" for row in rows
    )
    return _svg(figure, f"Students by points, for each exercise. {words}.")


def _plain(axes: Any) -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _svg(figure: Figure, words: str) -> Markup:
    """The figure as an SVG element, with its content in words for those who cannot see it."""
    stream = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": "report", "svg.fonttype": "none"}):
        figure.savefig(
            stream, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type"))
        )
    text = stream.getvalue()
    text = text[text.index("<svg") :]
    opening = Markup('<svg role="img" aria-label="{}" ').format(words)
    return opening + Markup(text.replace("<svg ", "", 1))
