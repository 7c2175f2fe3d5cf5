"""Grades for an LMS, as nbgrader exporters: ``nbgrader export --exporter=…`` takes them too.

Scores are nbgrader's: a person's grade before the grader's, late penalties taken off. Every file is
CSV by RFC 4180 in UTF-8; cells that a spreadsheet would run are made harmless, numbers and ids stay
as they are. There is no byte order mark unless asked for: Canvas would take it for a part of the
first heading, Moodle drops it, and only Excel needs one to read other than Latin letters.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sql
from nbgrader.plugins import ExportPlugin
from traitlets import Bool, Dict, Enum, Unicode

from autograder.errors import UserError
from autograder.grading import class_list as class_lists
from autograder.grading.class_list import ClassList, Matched
from autograder.grading.csv_cells import harmless, number, runs
from autograder.grading.recording import each_record
from autograder.grading.scores import Score, read_scores

CANVAS_ID_COLUMNS = (
    "Student",
    "LastName",
    "FirstName",
    "ID",
    "SIS User ID",
    "SIS Login ID",
    "Integration ID",
    "Root Account",
    "Section",
)
MOODLE_ID_COLUMNS = ("Username", "ID number", "Email address")


@dataclass
class Exported:
    """What an export wrote, and what of it a person should know."""

    path: Path
    assignments: list[str]
    students: int = 0
    matched: Matched | None = None
    """How the class list was joined; None without one."""
    waiting: dict[str, int] = field(default_factory=dict)
    """By assignment, the answers whose points are missing until a person grades them."""
    unsafe: list[str] = field(default_factory=list)
    """Students whose id a spreadsheet would run, so that the LMS cannot know them by it."""


@dataclass(frozen=True)
class Person:
    """What nbgrader knows of a student."""

    id: str
    first: str
    last: str
    email: str
    lms_id: str


@dataclass(frozen=True)
class Grades:
    """All that a format may write."""

    gradebook: Any
    assignments: list[str]
    people: dict[str, Person]
    """Everybody who gets a line, in its order."""
    scores: dict[str, dict[str, Score]]
    """By assignment, then student."""
    possible: dict[str, float]
    class_list: ClassList | None
    lines: dict[str, dict[str, str]]
    """Lines of the class list by student."""


class TableExporter(ExportPlugin):
    """What the formats have in common; each says which rows it writes."""

    suggested = "grades.csv"

    class_list = Unicode(
        "", help="CSV file of the class, as the LMS exports it; others are left out"
    ).tag(config=True)
    match = Unicode("", help="column of the class list that holds the gradebook's student ids").tag(
        config=True
    )
    missing = Enum(
        ["blank", "zero"],
        default_value="blank",
        help="what stands where nothing was handed in; blank leaves out who handed in nothing",
    ).tag(config=True)
    headings = Dict(
        help="heading by assignment, where the LMS calls it otherwise, like "
        "{'01_recurrence': 'Recurrence (4711)'}"
    ).tag(config=True)
    titles = Dict(help="other names by which a class list may know an assignment").tag(config=True)
    bom = Bool(False, help="begin with a byte order mark, which Excel needs").tag(config=True)

    def export(self, gradebook: Any) -> Exported:
        """Write the file named by ``to``. UserError where there is nothing to write."""
        assignments = self._assignments(gradebook)
        scores = {name: read_scores(gradebook, name) for name in assignments}
        if not self.assignment:
            assignments = [name for name in assignments if scores[name]]
        done = Exported(Path(self.to or self.suggested), assignments)
        grades = self._grades(gradebook, assignments, scores, done)
        for name in assignments:
            if waiting := sum(
                scores[name][who].waiting for who in grades.people if who in scores[name]
            ):
                done.waiting[name] = waiting
        self._write(self.rows(grades, done), done.path)
        self.log.info("%s: %d students", done.path, done.students)
        return done

    def rows(self, grades: Grades, done: Exported) -> Iterator[list[str]]:
        """The file's rows, headings first. Counts students into ``done``."""
        raise NotImplementedError

    def counted(self, score: Score | None) -> str:
        """What a submission counts, or what stands for a missing one."""
        if score is None:
            return "0" if self.missing == "zero" else ""
        return number(score.counted)

    def heading(self, assignment: str, class_list: ClassList | None) -> str:
        """What the LMS calls an assignment: as told, as in the class list, or by its name."""
        if assignment in self.headings:
            return str(self.headings[assignment])
        names = {n.casefold() for n in (assignment, self.titles.get(assignment, "")) if n}
        for column in class_list.columns if class_list else ():
            # Canvas: Title (4711); Moodle: Assignment: Title (Real)
            title = re.sub(r"\s*\((\d+|Real|Points)\)$", "", column)
            if title.casefold() in names or title.partition(": ")[2].casefold() in names:
                return column
        return assignment

    def _assignments(self, gradebook: Any) -> list[str]:
        known = [entry.name for entry in gradebook.assignments]
        asked = [str(name) for name in self.assignment]
        if unknown := [name for name in asked if name not in known]:
            raise UserError(f"the gradebook has no {', '.join(unknown)}")
        return [name for name in known if not asked or name in asked]

    def _grades(
        self,
        gradebook: Any,
        assignments: list[str],
        scores: dict[str, dict[str, Score]],
        done: Exported,
    ) -> Grades:
        handed_in = {student for name in assignments for student in scores[name]}
        wanted = {str(student) for student in self.student}
        people = {
            who: person
            for who, person in _people(gradebook).items()
            if (who in handed_in or self.missing == "zero") and (not wanted or who in wanted)
        }
        known, lines = None, {}
        if self.class_list:
            known = class_lists.read(Path(self.class_list))
            done.matched = class_lists.match(known, people, self.match or None)
            lines = done.matched.lines
            people = {who: person for who, person in people.items() if who in lines}
            if self.missing == "zero" and not wanted:
                for line in known.lines:
                    name = line[done.matched.column]
                    if name in done.matched.not_graded and name not in done.matched.twice:
                        people[name] = Person(name, "", "", "", "")
                        lines[name] = line
        if not people:
            raise UserError("nobody has a grade to export; grade a class first: autograder grade")
        possible = {
            name: float(gradebook.find_assignment(name).max_score or 0.0) for name in assignments
        }
        return Grades(gradebook, assignments, people, scores, possible, known, lines)

    def _write(self, rows: Iterator[list[str]], path: Path) -> None:
        """Write the file so that nobody ever finds half of it."""
        temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
        encoding = "utf-8-sig" if self.bom else "utf-8"
        try:
            with open(temporary, "w", encoding=encoding, newline="", errors="replace") as stream:
                csv.writer(stream).writerows(rows)
            os.replace(temporary, path)
        except OSError as error:
            raise UserError(f"{path} cannot be written: {error.strerror}") from error
        finally:
            temporary.unlink(missing_ok=True)


class CanvasExporter(TableExporter):
    """Canvas's gradebook import.

    Its columns are Student, ID, SIS User ID, SIS Login ID, Section and the assignments, with the line
    "Points Possible" below the headings:
    https://teaching.resources.osu.edu/toolsets/carmencanvas/guides/calculating-final-grades/import-csv-file-carmen-grades
    and lib/gradebook_importer.rb of https://github.com/instructure/canvas-lms , which looks a student
    up by ID, then SIS User ID, then SIS Login ID, then name, and an assignment by the number in
    brackets at the end of its heading, then by its title. ID is Canvas's own number: it reads the
    digits that a cell begins with, so nothing else may ever stand there.
    """

    suggested = "canvas.csv"

    def rows(self, grades: Grades, done: Exported) -> Iterator[list[str]]:
        listed = grades.class_list
        columns = [c for c in CANVAS_ID_COLUMNS if listed is not None and listed.column(c)]
        if "ID" not in columns or not {"Student", "LastName"} & set(columns):
            columns = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
        elif "Section" not in columns:
            columns.append("Section")
        headings = [harmless(self.heading(name, listed)) for name in grades.assignments]
        yield [*columns, *headings]
        blank = [""] * (len(columns) - 1)
        yield [
            "    Points Possible",
            *blank,
            *(number(grades.possible[n]) for n in grades.assignments),
        ]
        for who, person in grades.people.items():
            cells = self._about(person, columns, listed, grades.lines.get(who))
            known_by = [cells[name] for name in ("SIS User ID", "SIS Login ID") if cells.get(name)]
            if not cells["ID"] and all(runs(cell) for cell in known_by):
                done.unsafe.append(who)
            done.students += 1
            yield [
                *(harmless(cells[name]) for name in columns),
                *(self.counted(grades.scores[name].get(who)) for name in grades.assignments),
            ]

    def _about(
        self,
        person: Person,
        columns: list[str],
        listed: ClassList | None,
        line: dict[str, str] | None,
    ) -> dict[str, str]:
        whole = ", ".join(part for part in (person.last, person.first) if part) or person.id
        cells = dict.fromkeys(columns, "")
        cells.update({"Student": whole, "ID": person.lms_id, "SIS Login ID": person.id})
        if listed is not None and line is not None:
            cells["Student"] = listed.name(line) or whole
            for name in columns:
                if column := listed.column(name):
                    cells[name] = line[column]
        if not re.fullmatch(r"[1-9][0-9]*", cells["ID"]):
            cells["ID"] = ""
        return cells


class MoodleExporter(TableExporter):
    """Moodle's grade import (Grades, Import, CSV file).

    One column says who (Map from: that column; Map to: username, ID number or email address), one
    holds the grade and one the feedback of each assignment. Moodle wants both mapped together, since
    feedback alone takes the grades away: https://docs.moodle.org/405/en/Grade_import . It gives up the
    whole file at the first line whose user it does not know
    (grade/import/csv/classes/load_data.php of https://github.com/moodle/moodle ), so a line that it
    could not know is left out, and a blank grade takes away one that stands there.
    """

    suggested = "moodle.csv"

    def rows(self, grades: Grades, done: Exported) -> Iterator[list[str]]:
        listed = grades.class_list
        key, column = self._key(listed, done.matched)
        texts = {name: _feedback(grades, name) for name in grades.assignments}
        yield [
            key,
            "First name",
            "Last name",
            *(
                harmless(title)
                for name in grades.assignments
                for title in (
                    self.heading(name, listed),
                    f"{self.heading(name, listed)} (Feedback)",
                )
            ),
        ]
        for who, person in grades.people.items():
            line = grades.lines.get(who)
            known_by = line[column] if line is not None and column else who
            if not known_by or runs(known_by):
                done.unsafe.append(who)
                continue
            first, last = person.first, person.last
            if listed is not None and line is not None:
                first = line.get(listed.column("First name") or "", first)
                last = line.get(listed.column("Last name", "Surname") or "", last)
            done.students += 1
            cells = [known_by, harmless(first), harmless(last)]
            for name in grades.assignments:
                score = grades.scores[name].get(who)
                cells += [self.counted(score), harmless(texts[name].get(who, "") if score else "")]
            yield cells

    def _key(self, listed: ClassList | None, matched: Matched | None) -> tuple[str, str | None]:
        """Heading of the column that says who, and the class list's column that it comes from."""
        if listed is None or matched is None:
            return "Username", None
        own = [name for name in MOODLE_ID_COLUMNS if listed.column(name)]
        if matched.column in own or not own:
            return matched.column, matched.column
        return own[0], listed.column(own[0])


class PlainExporter(TableExporter):
    """A line for each student and assignment, under nbgrader's own headings, properly quoted."""

    suggested = "grades.csv"

    def rows(self, grades: Grades, done: Exported) -> Iterator[list[str]]:
        yield [
            *("assignment", "timestamp", "student_id", "last_name", "first_name", "email"),
            *("raw_score", "late_submission_penalty", "score", "max_score", "ungraded_answers"),
        ]
        for name in grades.assignments:
            for who, person in grades.people.items():
                score = grades.scores[name].get(who)
                if score is None and self.missing == "blank":
                    continue
                score = score or Score(0.0, 0.0, grades.possible[name], None)
                about = [name, str(score.timestamp or ""), who, person.last, person.first]
                points = (score.raw, score.penalty, score.counted, score.possible, score.waiting)
                yield [*(harmless(c) for c in (*about, person.email)), *(number(p) for p in points)]
        done.students = len(grades.people)


FORMATS = {"canvas": CanvasExporter, "moodle": MoodleExporter, "csv": PlainExporter}


def _people(gradebook: Any) -> dict[str, Person]:
    from nbgrader.api import Student

    fields = (
        Student.id,
        Student.first_name,
        Student.last_name,
        Student.email,
        Student.lms_user_id,
    )
    query = sql.select(*fields).order_by(Student.last_name, Student.first_name, Student.id)
    with gradebook.engine.connect() as connection:
        return {row[0]: Person(*(cell or "" for cell in row)) for row in connection.execute(query)}


def _feedback(grades: Grades, assignment: str) -> dict[str, str]:
    """What a student reads in the LMS: points by exercise, known mistakes, a person's comments.

    Nothing in it was written by a student, so that it cannot carry anything into the LMS's pages.
    """
    texts: dict[str, str] = {}
    for record in each_record(grades.gradebook, assignment):
        parts = []
        for name, result in record.exercises.items():
            text = f"{name} {number(result.earned)}/{number(result.points)}"
            parts.append(f"{text}: {result.advice}" if result.diagnosis else text)
        texts[record.student] = "; ".join(parts)
    for student, comment in _comments(grades.gradebook, assignment):
        texts[student] = "\n".join(part for part in (texts.get(student), comment) if part)
    for student, score in grades.scores[assignment].items():
        if score.penalty:
            late = f"Late: {number(score.penalty)} points taken off."
            texts[student] = "\n".join(part for part in (texts.get(student), late) if part)
    return texts


def _comments(gradebook: Any, assignment: str) -> Iterator[tuple[str, str]]:
    from nbgrader.api import Assignment, Comment, SubmittedAssignment, SubmittedNotebook

    query = (
        sql.select(SubmittedAssignment.student_id, Comment.manual_comment)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Comment, Comment.notebook_id == SubmittedNotebook.id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(Assignment.name == assignment, Comment.manual_comment.is_not(None))
        .order_by(SubmittedAssignment.student_id, Comment.id)
    )
    with gradebook.engine.connect() as connection:
        for student, comment in connection.execute(query):
            if comment.strip():
                yield student, comment.strip()
