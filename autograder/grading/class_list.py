"""A class list as an LMS exports it, and which of its lines is which student of the gradebook.

Canvas: Gradebook, Export (columns Student or LastName and FirstName, ID, SIS User ID, SIS Login ID,
Section, then assignments). Moodle: Grades, Export, Plain text file, or Participants, Download
(First name, Last name or Surname, Username, ID number, Email address). Any other CSV file with a
column of student ids will do.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UserError

# what may hold the ids that submissions are named after, the likeliest first
ID_COLUMNS = (
    "SIS Login ID",
    "SIS User ID",
    "Username",
    "ID number",
    "Email address",
    "Email",
    "student_id",
    "ID",
)
MAX_BYTES = 50_000_000
# lines of a Canvas export that are no student
_NO_STUDENT = re.compile(r"\s*(Points Possible|Student, Test$|Test Student$)")


@dataclass(frozen=True)
class ClassList:
    """The lines of a class list, in its order."""

    path: Path
    columns: list[str]
    lines: list[dict[str, str]]
    points: dict[str, str]
    """Canvas's line "Points Possible" by column; empty where there is none."""

    def column(self, *names: str) -> str | None:
        """The first of these columns that the list has, whatever its capitals."""
        known = {name.casefold(): name for name in reversed(self.columns)}
        return next((known[n.casefold()] for n in names if n.casefold() in known), None)

    def name(self, line: dict[str, str]) -> str:
        """What a person calls this student."""
        whole = self.column("Student", "Full name", "Name")
        if whole:
            return line[whole]
        first = self.column("First name", "FirstName", "first_name")
        last = self.column("Last name", "Surname", "LastName", "last_name")
        return " ".join(line[part] for part in (first, last) if part and line[part])


@dataclass(frozen=True)
class Matched:
    """Which line belongs to which student."""

    column: str
    """The column whose cells are the gradebook's student ids."""
    lines: dict[str, dict[str, str]]
    """Line of the class list by student id."""
    not_listed: list[str]
    """Students of the gradebook without a line."""
    not_graded: list[str]
    """Ids of lines without a student in the gradebook."""
    twice: list[str]
    """Ids that stand on several lines, so that nobody can say which one is meant."""


def read(path: Path) -> ClassList:
    """Read a class list. UserError says what is wrong with one that cannot be read."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UserError(f"{path} is too large for a class list")
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UserError(f"the class list {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UserError(f"the class list {path} is not UTF-8; save it as CSV UTF-8") from error
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise UserError(f"the class list {path} is not CSV: {error}") from error
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if not rows:
        raise UserError(f"the class list {path} is empty")
    columns = [name.strip() for name in rows[0]]
    lines, points = [], {}
    for row in rows[1:]:
        line = {name: cell.strip() for name, cell in zip(columns, row, strict=False)}
        line = {name: line.get(name, "") for name in columns}
        if _NO_STUDENT.match(row[0]):
            points = line if "Points Possible" in row[0] else points
        elif not _is_note(line, columns):
            lines.append(line)
    return ClassList(path, columns, lines, points)


def _is_note(line: dict[str, str], columns: list[str]) -> bool:
    """Canvas's line that says which assignments are posted by hand: it names no student."""
    return columns[0] in ("Student", "LastName") and not any(
        line[name] for name in columns[:5] if not re.search(r"\(\d+\)$", name)
    )


def match(class_list: ClassList, students: Iterable[str], column: str | None = None) -> Matched:
    """Join a class list with the gradebook's student ids.

    column: the one that holds the ids; None takes the one in which most ids are found. Ids are
    compared as text, so zeros at their beginning count; capitals do not. UserError where the list
    has no such column, or no id of the class.
    """
    students = sorted(students)
    if column is not None and class_list.column(column) is None:
        raise UserError(
            f"{class_list.path} has no column {column}; it has {', '.join(class_list.columns)}"
        )
    candidates = [column] if column is not None else ID_COLUMNS
    found = [class_list.column(name) for name in candidates]
    tried = [_match(class_list, students, name) for name in found if name is not None]
    best = max(tried, key=lambda matched: len(matched.lines), default=None)
    if best is None or (not best.lines and students):
        looked = ", ".join(name for name in found if name) or "none of " + ", ".join(ID_COLUMNS)
        raise UserError(
            f"no student of the gradebook is in {class_list.path} (columns looked at: {looked}); "
            "say with --match which column holds the ids that submissions are named after"
        )
    return best


def _match(class_list: ClassList, students: list[str], column: str) -> Matched:
    by_key: dict[str, list[dict[str, str]]] = {}
    for line in class_list.lines:
        if line[column]:
            by_key.setdefault(_key(line[column]), []).append(line)
    wanted: dict[str, list[str]] = {}
    for student in students:
        wanted.setdefault(_key(student), []).append(student)
    lines: dict[str, dict[str, str]] = {}
    not_listed: list[str] = []
    twice = {found[0][column] for key, found in by_key.items() if len(found) > 1}
    for key, same in wanted.items():
        found = by_key.get(key, [])
        if len(found) == len(same) == 1:
            lines[same[0]] = found[0]
            continue
        # ids that differ in capitals only: each has to be found as it is written
        for student in same:
            exact = [line for line in found if line[column] == student]
            if len(exact) == 1:
                lines[student] = exact[0]
                twice.discard(student)
            else:
                not_listed.append(student)
    taken = {id(line) for line in lines.values()}
    left = [line for line in class_list.lines if id(line) not in taken]
    return Matched(
        column=column,
        lines=lines,
        not_listed=sorted(not_listed),
        not_graded=[line[column] or class_list.name(line) for line in left],
        twice=sorted(twice - set(lines)),
    )


def _key(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip()).casefold()
