"""Write the gradebook's scores as a file that Canvas, Moodle or a spreadsheet reads.

Scores have late penalties taken off and count what a person graded in formgrader. With the class
list that the LMS exports (--students), lines are joined by id, an assignment keeps the LMS's own
heading, and who stands on one side only is told and left out. Without it Canvas gets the gradebook's
student ids as SIS Login ID and Moodle as Username.

Cells that a spreadsheet would run get an apostrophe before them; numbers and ids stay as they are.

examples:
  autograder export 01_recurrence --format canvas --students canvas_export.csv --out week1.csv
  autograder export 01_recurrence --format moodle --students participants.csv --match "ID number" \\
      --out week1.csv
  autograder export 01_recurrence --format canvas --heading "01_recurrence=Recurrence (4711)" \\
      --out week1.csv
  autograder export --format csv --bom --out all.csv             (every chapter; --bom for Excel)
  nbgrader export --exporter=autograder.grading.export.CanvasExporter --to week1.csv

exit code: 0 written, 1 written but somebody with a grade is missing from it, 2 could not run
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from autograder.course import Chapter, load_course
from autograder.errors import UserError
from autograder.grading import gradebook_options

FEW = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "chapters", nargs="*", metavar="CHAPTER", help="chapters (default: all that were graded)"
    )
    parser.add_argument(
        "--format", required=True, choices=["canvas", "moodle", "csv"], help="who reads the file"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="file to write")
    parser.add_argument(
        "--students", type=Path, metavar="CSV", help="class list, as the LMS exports it"
    )
    parser.add_argument(
        "--match",
        metavar="COLUMN",
        help="column of the class list with the ids that submissions are named after (default: the "
        "one in which most are found)",
    )
    parser.add_argument(
        "--heading",
        action="append",
        default=[],
        metavar="CHAPTER=TEXT",
        help="what the LMS calls a chapter's assignment",
    )
    parser.add_argument(
        "--missing",
        choices=["blank", "zero"],
        default="blank",
        help="what stands where nothing was handed in (default: blank; who handed in nothing at "
        "all is left out)",
    )
    parser.add_argument(
        "--bom", action="store_true", help="begin with a byte order mark, which Excel needs"
    )
    gradebook_options.add_gradebook(parser)


def run(arguments: argparse.Namespace) -> int:
    course = load_course(arguments.course)
    chapters = course.select(arguments.chapters) if arguments.chapters else []
    headings = dict(_heading(text, course.chapters) for text in arguments.heading)
    db_url = gradebook_options.existing(arguments.db, course.root)
    # these import nbgrader, which takes two seconds
    from autograder.grading import export, recording
    from autograder.grading.intake import nbgrader_config

    config = nbgrader_config(course.root)
    exporter = export.FORMATS[arguments.format](
        config=config,
        to=str(arguments.out),
        assignment=[chapter.name for chapter in chapters],
        class_list=str(arguments.students or ""),
        match=arguments.match or "",
        headings=headings,
        titles={name: chapter.title for name, chapter in course.chapters.items()},
        missing=arguments.missing,
        bom=arguments.bom,
    )
    with recording.database_errors(db_url):
        gradebook = recording.open_gradebook(db_url, config)
        try:
            done = exporter.export(gradebook)
        finally:
            gradebook.close()
    return tell(done)


def tell(done: Any) -> int:
    """Say what was written and who is missing; the command's exit code."""
    print(f"{done.path}: {_counted(done.students, 'student')}, {', '.join(done.assignments)}")
    matched = done.matched
    missing = bool(done.unsafe)
    if matched is not None:
        print(f"joined by {matched.column}: {_counted(len(matched.lines), 'student')}")
        _names("graded, but not in the class list, so left out", matched.not_listed)
        _names("on several lines of the class list, so left out", matched.twice)
        _names("in the class list, but nothing was handed in", matched.not_graded)
        missing = missing or bool(matched.not_listed or matched.twice)
    _names("the LMS cannot know these, whose id a spreadsheet would run; enter them", done.unsafe)
    for assignment, count in done.waiting.items():
        answers = _counted(count, "answer")
        print(f"{assignment}: {answers} not graded by a person yet, whose points are missing")
    return 1 if missing else 0


def _names(what: str, names: list[str]) -> None:
    if names:
        more = f" and {len(names) - FEW} more" if len(names) > FEW else ""
        # an id may hold anything: repr keeps it on its line and out of the terminal's control
        shown = ", ".join(n if n.isprintable() else repr(n) for n in names[:FEW])
        print(f"{what} ({len(names)}): {shown}{more}")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _heading(text: str, chapters: dict[str, Chapter]) -> tuple[str, str]:
    name, equals, heading = text.partition("=")
    if not equals or not heading or name not in chapters:
        raise UserError(f"--heading wants CHAPTER=TEXT with a chapter of the course, not {text}")
    return name, heading
