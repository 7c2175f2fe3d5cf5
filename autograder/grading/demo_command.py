"""Make up a class out of a chapter's answer files, grade it, and say where to look.

The class and everything that grading writes go into a scratch copy of the course, so nothing of a
real class is touched. The same seed makes the same class.

A class of more than 500 is made of 250 distinct notebooks: each is executed once, and whoever handed
in the same code gets its results replayed. Reading the notebook, scores, the report and exports are done
for every student; their pages, which take longest, only with --feedback. --distinct chooses another
number; as many as students executes everything.

examples:
  autograder demo
  autograder demo 01_recurrence --students 200 --seed 3 --out /tmp/class
  autograder demo --students 10000

exit code: 0 made and graded, 2 could not run
"""

from __future__ import annotations

import argparse
import functools
from pathlib import Path

from autograder.course import Chapter, Course, load_course
from autograder.errors import UserError
from autograder.grading import grade_command

EXECUTED = 500
"""Up to so many students, every notebook is executed."""
DISTINCT = 250
"""Notebooks that a larger class is made of."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "chapter",
        nargs="?",
        metavar="CHAPTER",
        help="a built chapter's name (default: 01_recurrence, or else the last built one)",
    )
    parser.add_argument(
        "--students", type=int, default=30, metavar="N", help="size of the class (default: 30)"
    )
    parser.add_argument(
        "--distinct", type=int, metavar="N", help="execute so many, replay others (see above)"
    )
    parser.add_argument(
        "--feedback",
        action=argparse.BooleanOptionalAction,
        help="write the students' pages (default: where nothing is replayed)",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="K", help="another class")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="scratch folder (default: demo/ in the course)"
    )
    parser.add_argument(
        "--jobs", type=int, metavar="N", help="submissions at once (default: one per core)"
    )
    grade_command.add_limits(parser)
    grade_command.add_sandbox(parser)


def run(arguments: argparse.Namespace) -> int:
    # these import nbgrader's and jupyter's parts, which takes a second
    from autograder.grading import demo
    from autograder.grading.replay import ReplayGrader

    course = load_course(arguments.course)
    chapter = _chosen(course, arguments.chapter)
    if arguments.students < 1:
        raise UserError(f"--students wants at least 1, not {arguments.students}")
    distinct = _distinct(arguments.students, arguments.distinct)
    replayed = distinct < arguments.students
    grade_command.check_sandbox(arguments.sandbox)
    notebook = demo.released(chapter)
    out = arguments.out or course.root / "demo"
    about = {"students": arguments.students, "seed": arguments.seed, "distinct": distinct}
    scratch = demo.scratch_course(course, out, chapter=chapter.name, **about)
    chapter = scratch.chapters[chapter.name]
    if replayed:
        print(
            f"{arguments.students} students hand in {distinct} distinct notebooks: each is executed "
            "once and its results are replayed for the others; reading, recording, report and exports "
            "are done for everybody"
        )
    demo.make_class(chapter, notebook, out / "submitted", **about)
    limits = grade_command.limits_of(arguments)
    summary = grade_command.grade_class(
        chapter,
        out / "submitted",
        grade_command.Options(
            out=out,
            jobs=arguments.jobs,
            sandbox=arguments.sandbox,
            limits=limits,
            feedback=not replayed if arguments.feedback is None else arguments.feedback,
        ),
        functools.partial(
            ReplayGrader,
            functools.partial(grade_command.grader, scratch.root, arguments.sandbox, limits),
            out / ".executed",
        )
        if replayed
        else None,
    )
    grade_command.print_summary(summary, chapter)
    for name in ("canvas", "moodle", "csv"):
        _export(name, out, summary.db_url)
    print(f"open it in a browser; in {out}, nbgrader's commands and formgrader work too")
    return 0


def _distinct(students: int, asked: int | None) -> int:
    """How many of a class differ in their code."""
    if asked is None:
        return students if students <= EXECUTED else DISTINCT
    if asked < 1:
        raise UserError(f"--distinct wants at least 1, not {asked}")
    return min(asked, students)


def _export(name: str, out: Path, db_url: str) -> None:
    """Write the class's scores as one kind of file for an LMS, beside the gradebook."""
    from autograder.grading import export
    from autograder.grading.gradebook import open_gradebook
    from autograder.grading.intake import nbgrader_config

    path = out / f"{name}.csv"
    config = nbgrader_config(out)
    with open_gradebook(db_url, config) as gradebook:
        export.FORMATS[name](config=config, to=str(path)).export(gradebook)
    print(f"scores for {name}: {path}")


def _chosen(course: Course, name: str | None) -> Chapter:
    if name is not None:
        return course.select([name])[0]
    built = [c for c in course.chapters.values() if c.released_notebook.is_file()]
    if not built:
        raise UserError("no chapter is built yet; run autograder build")
    return next((c for c in built if c.name == "01_recurrence"), built[-1])
