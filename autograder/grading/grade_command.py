"""Grade a class's submissions of one chapter.

Takes what an LMS or `nbgrader collect` hands over and writes, into the course's folder or --out:
scores into nbgrader's gradebook, executed notebooks into autograded/, a page per student into
feedback/ and a page for the instructor into report/. A student's code runs in a sandbox, the tests
in another process.

Stopped (Ctrl-C, a crash) and run again, it goes on where it was. Run again with new submissions, it
grades those that changed; --force grades all.

submissions may be a folder with a folder per student, nbgrader's submitted/ folder, a folder with a
zip per student, or one zip of such folders. Of nbgrader's submissions timestamp.txt is read, so
due dates and late penalties apply.

examples:
  autograder grade 01_recurrence --submissions submitted/
  autograder grade 01_recurrence --submissions downloads/week1.zip --jobs 8
  autograder grade 01_recurrence --submissions submitted/ --only student-007 --force
  autograder grade 01_recurrence --submissions submitted/ --db postgresql://grader@db/course

exit code: 0 all graded, 1 some submissions need a person, 2 could not run
"""

from __future__ import annotations

import argparse
import functools
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from autograder.course import Chapter, Course, load_course
from autograder.errors import UserError
from autograder.grading.handed_in import HandedIn, find
from autograder.grading.limits import MIB, Limits
from autograder.grading.sandbox import find_bubblewrap


@dataclass(frozen=True)
class Options:
    """How to grade a class; the defaults are the command's."""

    out: Path
    db_url: str | None = None
    jobs: int | None = None
    sandbox: str = "bwrap"
    limits: Limits = Limits()
    force: bool = False
    only: tuple[str, ...] = ()


@dataclass(frozen=True)
class Summary:
    """What grading a class came to."""

    records: list[Any]
    """A Record for every submission of the chapter, those of earlier runs too."""
    graded: int
    kept: int
    report: Path

    @property
    def needing_a_person(self) -> list[Any]:
        return [r for r in self.records if r.reason or r.problem]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("chapter", metavar="CHAPTER", help="a chapter's name, like 01_recurrence")
    parser.add_argument(
        "--submissions", type=Path, required=True, metavar="DIR", help="folder or zip; see above"
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="where results go (default: the course's folder)"
    )
    parser.add_argument(
        "--db", metavar="URL", help="gradebook, any SQLAlchemy URL (default: gradebook.db in --out)"
    )
    parser.add_argument(
        "--jobs", type=int, metavar="N", help="submissions at once (default: one per core)"
    )
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="STUDENT", help="grade these students only"
    )
    parser.add_argument("--force", action="store_true", help="grade again what is graded already")
    add_limits(parser)
    add_sandbox(parser)


def add_limits(parser: argparse.ArgumentParser) -> None:
    """The options that change what a submission may use."""
    standard = Limits()
    group = parser.add_argument_group("limits of one submission")
    for name, what in (
        ("cell", "seconds for one cell"),
        ("test", "seconds for one exercise's test"),
        ("notebook", "seconds for all cells, and again for all tests"),
    ):
        group.add_argument(
            f"--{name}-timeout",
            type=float,
            dest=f"limit_{name}",
            metavar="S",
            help=f"{what} (default: {getattr(standard, name):g})",
        )
    group.add_argument(
        "--memory",
        type=int,
        dest="limit_memory",
        metavar="MB",
        help=f"memory of each process (default: {standard.memory // MIB})",
    )


def add_sandbox(parser: argparse.ArgumentParser) -> None:
    """The option that says where students' code runs."""
    parser.add_argument(
        "--sandbox",
        choices=["bwrap", "none"],
        default="bwrap",
        help="none runs students' code without bubblewrap, with your rights and your files in its "
        "reach (default: bwrap)",
    )


def limits_of(arguments: argparse.Namespace) -> Limits:
    """The limits that the options ask for; UserError where one makes no sense."""
    asked = {}
    for part in fields(Limits):
        value = getattr(arguments, f"limit_{part.name}", None)
        if value is not None:
            asked[part.name] = value * MIB if part.name == "memory" else value
    try:
        return replace(Limits(), **asked)
    except ValueError as error:
        raise UserError(str(error)) from error


def run(arguments: argparse.Namespace) -> int:
    course = load_course(arguments.course)
    chapter = course.select([arguments.chapter])[0]
    summary = grade_class(
        chapter,
        arguments.submissions,
        Options(
            out=arguments.out or course.root,
            db_url=arguments.db,
            jobs=arguments.jobs,
            sandbox=arguments.sandbox,
            limits=limits_of(arguments),
            force=arguments.force,
            only=tuple(arguments.only),
        ),
    )
    print_summary(summary, chapter)
    return 1 if summary.needing_a_person else 0


def grade_class(
    chapter: Chapter,
    submissions: Path,
    options: Options,
    make_grader: Callable[[], Any] | None = None,
    make_scheduler: Callable[..., Any] | None = None,
) -> Summary:
    """Grade what is new in ``submissions``, then write feedback pages and the report.

    make_grader: called without arguments in each worker process (so it is pickled), gives the
        Grader that runs notebooks there; default: the real one.
    make_scheduler: takes the arguments of ``batch.LocalScheduler``, which is the default, and gives
        a context manager with the method ``run`` of ``batch.Scheduler``.
    """
    check_sandbox(options.sandbox)
    workers = options.jobs if options.jobs is not None else cores()
    if workers < 1:
        raise UserError(f"--jobs wants at least 1, not {workers}")
    class_work = _wanted(chapter, submissions, options.only)

    # imports take seconds: mistakes in the call are told before, and workers start meanwhile
    from autograder.grading import batch

    batch.start_server()
    from autograder.grading import feedback, report
    from autograder.grading.intake import GradedForm
    from autograder.grading.recording import Recorder

    if make_grader is None:
        make_grader = functools.partial(
            _grader, chapter.course.root, options.sandbox, options.limits
        )
    form = GradedForm(chapter)
    options.out.mkdir(parents=True, exist_ok=True)
    with Recorder(form, options.out, options.db_url) as recorder:
        waiting = [h for h in class_work if options.force or not recorder.is_recorded(h)]
        with (make_scheduler or batch.LocalScheduler)(
            workers=min(workers, max(1, len(waiting))),
            initializer=batch.start_worker,
            arguments=(form, make_grader),
            deadline=options.limits.total + 60,
        ) as scheduler:
            pages = feedback.Pages(chapter, options.out, recorder.db_url)
            graded, pending = 0, set()
            for record in batch.grade_all(waiting, form, recorder, scheduler):
                graded += 1
                if len(waiting) <= feedback.FEW:
                    pages.write_one(record.student)  # while the workers are busy
                else:
                    pending.add(record.student)
        records = recorder.records()
        pending.update(r.student for r in records if not pages.path(r.student).is_file())
        pages.write(sorted(pending), workers)
        page = report.write(chapter, options.out, recorder.gradebook)
    return Summary(records, graded=graded, kept=len(class_work) - len(waiting), report=page)


def check_sandbox(sandbox: str) -> None:
    """UserError, with what to do, where the sandbox is wanted and cannot be had."""
    if sandbox == "bwrap":
        find_bubblewrap()


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def print_summary(summary: Summary, chapter: Chapter) -> None:
    """The class at a glance, on standard output."""
    records = summary.records
    print(f"{chapter.name}: {len(records)} submissions", end="")
    print(f" ({summary.graded} graded now, {summary.kept} unchanged)")
    width = max([len(name) for name in chapter.exercises] + [8])
    print(f"\n{'exercise':{width}}  points   mean  full  none")
    for name, exercise in chapter.exercises.items():
        earned = [r.exercises[name].earned for r in records if name in r.exercises]
        mean = sum(earned) / len(earned) if earned else 0.0
        full = sum(score >= exercise.points for score in earned)
        none = sum(score <= 0 for score in earned)
        print(f"{name:{width}}  {exercise.points:6g}  {mean:5.2f}  {full:4d}  {none:4d}")
    total = [r.earned for r in records]
    mean = sum(total) / len(total) if total else 0.0
    print(f"{'all':{width}}  {chapter.points:6g}  {mean:5.2f}")
    if summary.needing_a_person:
        print("\nneed a person:")
        for record in summary.needing_a_person[:20]:
            print(f"  {record.student}: {record.reason or record.problem}")
        if len(summary.needing_a_person) > 20:
            print(f"  … and {len(summary.needing_a_person) - 20} more, in the report")
    print(f"\nreport: {summary.report}", flush=True)
    if not records:
        print("nothing was graded", file=sys.stderr)


def _wanted(chapter: Chapter, submissions: Path, only: tuple[str, ...]) -> list[HandedIn]:
    others = tuple(name for name in chapter.course.chapters if name != chapter.name)
    class_work = find(submissions, chapter.name, others)
    unknown = set(only) - {handed.student for handed in class_work}
    if unknown:
        raise UserError(f"{submissions}: no submission of {', '.join(sorted(unknown))}")
    return [h for h in class_work if not only or h.student in only]


def _grader(root: Path, sandbox: str, limits: Limits) -> Any:
    """In a worker: a Grader of the course in ``root``."""
    from autograder.grading.session import Grader

    course: Course = load_course(root)
    return Grader(course, sandbox=sandbox, limits=limits)
