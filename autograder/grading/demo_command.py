"""Make up a class out of a chapter's answer files, grade it, and say where to look.

The class and everything that grading writes go into a scratch copy of the course, so nothing of a
real class is touched. The same seed makes the same class.

examples:
  autograder demo
  autograder demo 01_recurrence --students 200 --seed 3 --out /tmp/class

exit code: 0 made and graded, 2 could not run
"""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.course import Chapter, Course, load_course
from autograder.errors import UserError
from autograder.grading import grade_command


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

    course = load_course(arguments.course)
    chapter = _chosen(course, arguments.chapter)
    if arguments.students < 1:
        raise UserError(f"--students wants at least 1, not {arguments.students}")
    grade_command.check_sandbox(arguments.sandbox)
    notebook = demo.released(chapter)
    out = arguments.out or course.root / "demo"
    scratch = demo.scratch_course(
        course, out, chapter=chapter.name, students=arguments.students, seed=arguments.seed
    )
    chapter = scratch.chapters[chapter.name]
    demo.make_class(chapter, notebook, out / "submitted", arguments.students, seed=arguments.seed)
    summary = grade_command.grade_class(
        chapter,
        out / "submitted",
        grade_command.Options(
            out=out,
            jobs=arguments.jobs,
            sandbox=arguments.sandbox,
            limits=grade_command.limits_of(arguments),
        ),
    )
    grade_command.print_summary(summary, chapter)
    print(f"open it in a browser; in {out}, nbgrader's commands and formgrader work too")
    return 0


def _chosen(course: Course, name: str | None) -> Chapter:
    if name is not None:
        return course.select([name])[0]
    built = [c for c in course.chapters.values() if c.released_notebook.is_file()]
    if not built:
        raise UserError("no chapter is built yet; run autograder build")
    return next((c for c in built if c.name == "01_recurrence"), built[-1])
