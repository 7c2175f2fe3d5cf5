"""The instructor's page of one chapter: how the class did, what it got wrong, who needs a person.

Static files without a script: ``report/NN_name.html``, figures inside as SVG, links to each student's
feedback page; of a large class the list of students stands on pages of its own beside it. Everything
on them comes from the gradebook, and of each student only a line is kept in memory.
"""

from __future__ import annotations

import collections
import datetime
import io
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import matplotlib
from markupsafe import Markup
from matplotlib.figure import Figure

from autograder.course import Chapter
from autograder.grading.feedback import environment, with_code
from autograder.grading.handed_in import Finding
from autograder.grading.recording import Record, each_record, known_mistakes, replace_file
from autograder.grading.scores import Score, read_scores

# colours that stay apart for colour-blind readers and in grey print
FULL, PART, NONE = "#0072b2", "#e69f00", "#bdbdbd"


ON_ONE_PAGE = 500
"""Students of a larger class stand on pages of so many."""
SHOWN = 200
"""So many who need a person, and names of who made a mistake, stand on the first page."""


@dataclass(slots=True)
class Student:
    """One line of the class list."""

    name: str
    score: Score
    feedback: str | None
    """Link to the feedback page, or None where there is none."""
    attempts: int = 0
    """Submissions of this student that were graded; 0 where nbgrader graded by other means."""
    short: list[str] = field(default_factory=list)
    """Exercises without all points."""
    reasons: list[Finding] = field(default_factory=list)
    """Why a person should look at this student's work."""
    urgency: int = 3
    """0 not graded, 1 unreadable, 2 something to know of, 3 answers to grade."""


@dataclass(frozen=True)
class Mistake:
    """A known mistake and who made it."""

    exercise: str
    name: str
    text: Markup
    students: list[str]


@dataclass
class Tally:
    """What is counted while the records pass by, one after the other."""

    chapter: Chapter
    graded: int = 0
    statuses: dict[str, collections.Counter] = field(default_factory=dict)
    """By exercise, how many results have a status, and how many are full, part or none."""
    earned: dict[str, float] = field(default_factory=lambda: collections.defaultdict(float))
    made: dict[tuple[str, str], list[str]] = field(
        default_factory=lambda: collections.defaultdict(list)
    )
    """Students by exercise and known mistake."""
    messages: collections.Counter = field(default_factory=collections.Counter)
    """Of wrong answers that no known mistake explains, by exercise and message."""
    findings: collections.Counter = field(default_factory=collections.Counter)
    """Submissions by kind of finding or event."""
    cohorts: dict[int, list[tuple[float, float]]] = field(
        default_factory=lambda: collections.defaultdict(list)
    )
    """By number of attempts, points of the tests in the first and in the last one."""

    def add(self, record: Record) -> None:
        self.graded += 1
        self.findings.update({found.kind for found in (*record.findings, *record.events)})
        first = record.earlier[0] if record.earlier else record.earned
        self.cohorts[len(record.earlier) + 1].append((first, record.earned))
        for name, result in record.exercises.items():
            if name not in self.chapter.exercises:
                continue
            possible = self.chapter.exercises[name].points
            counts = self.statuses.setdefault(name, collections.Counter())
            counts["results"] += 1
            counts[result.status] += 1
            share = "none" if result.earned <= 0 else "part"
            counts["full" if result.earned >= possible else share] += 1
            self.earned[name] += result.earned
            if result.diagnosis:
                self.made[name, result.diagnosis].append(record.student)
            elif result.status in ("failed", "error"):
                # numbers differ between answers that are wrong in the same way
                self.messages[name, re.sub(r"-?\d[\d.e+-]*", "…", result.message)] += 1


def page_path(chapter: Chapter, out: Path) -> Path:
    """Where the instructor's page of a chapter is written."""
    return out / "report" / f"{chapter.name}.html"


def write(chapter: Chapter, out: Path, gradebook: Any) -> Path:
    """Write the pages from the gradebook; returns the path of the first."""
    path = page_path(chapter, out)
    path.parent.mkdir(parents=True, exist_ok=True)
    tally = Tally(chapter)
    students = _students(chapter, out, gradebook, tally)
    groups = [students[i : i + ON_ONE_PAGE] for i in range(0, len(students), ON_ONE_PAGE)]
    names = [f"{chapter.name}_class_{number}.html" for number in range(1, len(groups) + 1)]
    if len(groups) < 2:
        names = []
    stamp = datetime.datetime.now().astimezone().strftime("%d %B %Y, %H:%M")
    for name, group in zip(names, groups, strict=bool(names)):
        page = environment().get_template("report_class.html")
        text = page.render(chapter=chapter, students=group, first=path.name, written_at=stamp)
        replace_file(path.parent / name, text)
    attention = sorted((s for s in students if s.reasons), key=lambda s: (s.urgency, s.name))
    scores = [student.score.counted for student in students]
    possible = max((s.score.possible for s in students), default=chapter.points)
    exercises = _exercises(tally)
    page = (
        environment()
        .get_template("report.html")
        .render(
            chapter=chapter,
            students=students,
            pages=[
                (name, group[0].name, group[-1].name)
                for name, group in zip(names, groups, strict=False)
            ],
            written_at=stamp,
            exercises=exercises,
            cohorts=_cohorts(tally),
            mistakes=_mistakes(tally),
            unexplained=_unexplained(tally),
            unsolved=[row["name"] for row in exercises if tally.graded and not row["full"]],
            attention=attention,
            shown=SHOWN,
            findings=tally.findings.most_common(),
            late=sum(student.score.penalty > 0 for student in students),
            mean=sum(scores) / len(scores) if scores else 0.0,
            median=_median(scores),
            possible=possible,
            distribution=_distribution(scores, possible),
            by_exercise=_by_exercise(exercises, tally.graded),
        )
    )
    replace_file(path, page)
    for old in path.parent.glob(f"{chapter.name}_class_*.html"):
        if old.name not in names:  # the class was larger once
            old.unlink()
    return path


def _students(chapter: Chapter, out: Path, gradebook: Any, tally: Tally) -> list[Student]:
    """The class by name; its records are counted on the way."""
    report = page_path(chapter, out).parent
    try:
        scores = read_scores(gradebook, chapter.name)
    except ValueError:  # nbgrader's MissingEntry: nobody entered the chapter yet
        return []
    students = {}
    for name, score in scores.items():
        page = out / "feedback" / name / chapter.name / f"{chapter.name}.html"
        link = quote(os.path.relpath(page, report).replace(os.sep, "/")) if page.is_file() else None
        students[name] = Student(name, score, link)
    for record in each_record(gradebook, chapter.name):
        if record.student in students:
            tally.add(record)
            _recall(students[record.student], record)
    for student in students.values():
        student.reasons += _by_hand(student.score)
    return sorted(students.values(), key=lambda student: student.name)


def _recall(student: Student, record: Record) -> None:
    """What of a record stands in the student's line."""
    student.attempts = len(record.earlier) + 1
    student.short = [n for n, result in record.exercises.items() if result.earned < result.points]
    if record.problem:
        student.reasons.append(Finding("not graded", record.problem))
    if record.reason:
        student.reasons.append(Finding("unreadable", record.reason))
    student.reasons += [found for found in record.findings if found.kind != "unreadable"]
    student.reasons += record.events
    if student.reasons:
        student.urgency = 0 if record.problem else 1 if record.reason else 2


def _by_hand(score: Score) -> Iterable[Finding]:
    """What formgrader has for a person to do."""
    if score.waiting:
        answers = "answer" if score.waiting == 1 else "answers"
        text = f"{score.waiting} {answers} for a person to grade in formgrader"
        yield Finding("to grade", text)
    if score.review:
        answers = "answer" if score.review == 1 else "answers"
        text = (
            f"{score.review} {answers} graded by a person before the last grading; the grade was "
            "kept, see in formgrader whether it still fits"
        )
        yield Finding("to review", text)


def _exercises(tally: Tally) -> list[dict[str, Any]]:
    rows = []
    for name, exercise in tally.chapter.exercises.items():
        counts = tally.statuses.get(name, collections.Counter())
        results = counts["results"]
        rows.append(
            {
                "name": name,
                "points": exercise.points,
                "mean": tally.earned[name] / results if results else 0.0,
                "full": counts["full"],
                "part": counts["part"],
                "none": counts["none"],
                "share": counts["full"] / results if results else 0.0,
                "missing": counts["missing"] + counts["unreadable"],
                "stopped": counts["timeout"] + counts["died"],
            }
        )
    return rows


def _cohorts(tally: Tally) -> list[dict[str, Any]]:
    """Who handed in once, twice and so on: points of the tests at first and at last."""
    rows = []
    for attempts, points in sorted(tally.cohorts.items()):
        first, last = (sum(column) / len(points) for column in zip(*points, strict=True))
        better = sum(b > a for a, b in points)
        worse = sum(b < a for a, b in points)
        rows.append(
            {
                "attempts": attempts,
                "students": len(points),
                "first": first,
                "last": last,
                "better": better,
                "worse": worse,
            }
        )
    return rows


def _mistakes(tally: Tally) -> list[Mistake]:
    """Known mistakes, the commonest first."""
    texts = known_mistakes(tally.chapter)
    return [
        Mistake(exercise, name, with_code(texts.get(exercise, {}).get(name, name)), students)
        for (exercise, name), students in sorted(
            tally.made.items(), key=lambda made: (-len(made[1]), made[0])
        )
    ]


def _unexplained(tally: Tally) -> list[dict[str, Any]]:
    """Messages of wrong answers that no known mistake explains, the commonest first."""
    return [
        {"exercise": exercise, "message": with_code(message), "count": count}
        for (exercise, message), count in tally.messages.most_common(15)
    ]


def _median(values: list[float]) -> float:
    if not values:
        return 0.0
    ordered = sorted(values)
    middle = len(ordered) // 2
    return (ordered[middle] + ordered[-middle - 1]) / 2


# -------------------------------------------------------------------------------------- figures


def _distribution(scores: list[float], possible: float) -> Markup | None:
    """Histogram of total scores."""
    if not scores:
        return None
    top = max(possible, max(scores), 1.0)
    bins = min(20, max(5, int(top)))
    edges = [top * i / bins for i in range(bins + 1)]
    counts = [0] * bins
    for score in scores:
        place = int(max(score, 0.0) / top * bins)
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


def _by_exercise(rows: list[dict[str, Any]], graded: int) -> Markup | None:
    """Per exercise the share of the class with all, some and no points."""
    if not graded or not rows:
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
        widths = [100 * row[key] / graded for row in rows]
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
