"""Grade a class's submissions of one chapter.

Takes what an LMS or `nbgrader collect` hands over and writes, into the course's folder or --out:
scores into nbgrader's gradebook, executed notebooks into autograded/, a page per student into
feedback/ and a page for the instructor into report/. A student's code runs in a sandbox, the tests
in another process.

Stopped (Ctrl-C, a crash, a full disk) and run again, it goes on where it was. Run again with new
submissions, it grades those that changed; --force grades all. A second batch on the same gradebook is
refused while the first one runs.

submissions may be a folder with a folder per student, nbgrader's submitted/ folder, a folder with a
zip per student, or one zip of such folders. Of nbgrader's submissions timestamp.txt is read, so
due dates and late penalties apply.

The gradebook is an SQLite file, or any database that SQLAlchemy knows; PostgreSQL's driver is
installed. A password may stand in ~/.pgpass instead of the URL.

--scheduler sends the work to a running Dask cluster, whose machines need this repository, its
environment (make setup) and bubblewrap, but no common folder; a worker that has the course elsewhere
is started with AUTOGRADER_COURSE=DIR. Results are recorded here, and what a lost worker had in hand
goes to another. One thread per worker, one worker per core:
  on a laptop  dask scheduler --host 127.0.0.1 &
               dask worker tcp://127.0.0.1:8786 --nworkers 4 --nthreads 1 &
  over SSH     dask scheduler &           (with paramiko installed, dask ssh starts all at once)
               ssh HOST 'cd unrolled && .venv/bin/dask worker tcp://10.0.0.5:8786 --nworkers 4
                   --nthreads 1' &        (for each HOST)
  under SLURM  srun -n 1 dask scheduler --scheduler-file dask.json &
               srun -n 32 -c 1 dask worker --scheduler-file dask.json --nthreads 1 &
               autograder grade … --scheduler dask.json
solutions/README.md has an sbatch file. A Dask scheduler obeys whoever reaches it: keep it to a private
network, or use its TLS (tls://).

examples:
  autograder grade 01_recurrence --submissions submitted/
  autograder grade 01_recurrence --submissions downloads/week1.zip --jobs 8
  autograder grade 01_recurrence --submissions submitted/ --only student-007 --force
  autograder grade 01_recurrence --submissions submitted/ --db postgresql://grader@db/course
  autograder grade 01_recurrence --submissions submitted/ --scheduler tcp://10.0.0.5:8786

exit code: 0 all graded, 1 some submissions need a person, 2 could not run
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from autograder.course import Chapter, Course, load_course
from autograder.errors import UserError
from autograder.grading import gradebook_options
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
    scheduler: str | None = None
    """Address of a Dask cluster; None: processes of this machine."""
    feedback: bool = True
    """Write the students' pages."""


@dataclass
class Tally:
    """How a class did in one exercise, or in all together."""

    points: float = 0.0
    full: int = 0
    none: int = 0

    def add(self, earned: float, possible: float) -> None:
        self.points += earned
        self.full += earned >= possible
        self.none += earned <= 0


@dataclass
class Summary:
    """What grading a class came to, submissions of earlier runs counted too."""

    chapter: Chapter
    db_url: str
    submissions: int = 0
    graded: int = 0
    kept: int = 0
    report: Path = Path()
    exercises: dict[str, Tally] = field(default_factory=dict)
    total: Tally = field(default_factory=Tally)
    needing_a_person: list[Any] = field(default_factory=list)
    """Records of what could not be read or graded."""

    @property
    def records(self) -> list[Any]:
        """A Record for every submission of the chapter, read from the gradebook."""
        from autograder.grading import recording
        from autograder.grading.intake import nbgrader_config

        config = nbgrader_config(self.chapter.course.root)
        with recording.open_gradebook(self.db_url, config) as gradebook:
            return recording.read_records(gradebook, self.chapter.name)

    def add(self, record: Any) -> None:
        self.submissions += 1
        for name, result in record.exercises.items():
            self.exercises.setdefault(name, Tally()).add(result.earned, result.points)
        self.total.add(record.earned, record.possible)
        if record.reason or record.problem:
            self.needing_a_person.append(record)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("chapter", metavar="CHAPTER", help="a chapter's name, like 01_recurrence")
    parser.add_argument(
        "--submissions", type=Path, required=True, metavar="DIR", help="folder or zip; see above"
    )
    gradebook_options.add_results(parser, "where results go")
    parser.add_argument(
        "--jobs", type=int, metavar="N", help="submissions at once (default: one per core)"
    )
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="a Dask cluster, like tcp://host:8786 or its scheduler file; see above",
    )
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="STUDENT", help="grade these students only"
    )
    parser.add_argument("--force", action="store_true", help="grade again what is graded already")
    parser.add_argument(
        "--no-feedback", action="store_true", help="leave the students' pages to autograder report"
    )
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
        help=f"memory of all its processes together (default: {standard.memory // MIB})",
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
            scheduler=arguments.scheduler,
            feedback=not arguments.no_feedback,
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
    make_scheduler: takes the arguments of ``batch.LocalScheduler``, which is the default without a
        cluster, and gives a context manager with the method ``run`` of ``batch.Scheduler``.

    Raises UserError where another batch is at work here, where the gradebook or the disk refuses
    something, or where nothing can be graded; what was graded before that is recorded.
    """
    if options.scheduler is None:
        check_sandbox(options.sandbox)
    workers = options.jobs if options.jobs is not None else cores()
    if workers < 1:
        raise UserError(f"--jobs wants at least 1, not {workers}")
    class_work = _wanted(chapter, submissions, options.only)

    # imports take seconds: mistakes in the call are told before, and workers start meanwhile
    from autograder.grading import batch

    if options.scheduler is None:
        batch.start_server()
    from autograder.grading import feedback, lock, recording, report
    from autograder.grading.intake import GradedForm

    form = GradedForm(chapter)
    db_url = gradebook_options.database(options.db_url, options.out)
    with contextlib.ExitStack() as held:
        held.enter_context(recording.file_errors(options.out))
        held.enter_context(recording.database_errors(db_url))
        options.out.mkdir(parents=True, exist_ok=True)
        held.enter_context(lock.only_batch(f"autograder grade {chapter.name}", options.out, db_url))
        recorder = held.enter_context(recording.Recorder(form, options.out, db_url))
        waiting = [h for h in class_work if options.force or not recorder.is_recorded(h)]
        summary = Summary(chapter, db_url, kept=len(class_work) - len(waiting))
        if make_scheduler is None:
            make_scheduler = _on_cluster if options.scheduler else batch.LocalScheduler
        pages = feedback.Pages(chapter, options.out, db_url)
        pending = set()
        if waiting:
            start = _start(form, options, make_grader)
            with make_scheduler(
                **start,
                workers=min(workers, len(waiting)),
                deadline=options.limits.total + 60,
            ) as scheduler:
                for record in batch.grade_all(waiting, form, recorder, scheduler):
                    summary.graded += 1
                    if not options.feedback:
                        continue
                    if len(waiting) <= feedback.FEW:
                        pages.write_one(record.student)  # while the workers are busy
                    else:
                        pending.add(record.student)
        for record in recording.each_record(recorder.gradebook, chapter.name):
            summary.add(record)
            if options.feedback and not _whole(pages.path(record.student)):
                pending.add(record.student)
        pages.write(sorted(pending), workers)
        summary.report = report.write(chapter, options.out, recorder.gradebook)
    return summary


def _start(form: Any, options: Options, make_grader: Callable[[], Any] | None) -> dict[str, Any]:
    """How a scheduler is told to prepare its workers."""
    from autograder.grading import batch

    root = form.chapter.course.root
    make = functools.partial(grader, sandbox=options.sandbox, limits=options.limits)
    if options.scheduler is None:
        here = make_grader or functools.partial(make, root)
        return {"initializer": batch.start_worker, "arguments": (form, here)}
    from autograder.grading import cluster

    if make_grader is not None:
        make = functools.partial(_of_no_course, make_grader)
    return {
        "address": options.scheduler,
        "carry": cluster.carried,
        "initializer": cluster.start_worker,
        "arguments": (root, form.chapter.name, cluster.basis(form.chapter), make),
    }


def _on_cluster(**about: Any) -> Any:
    # importing Dask takes a second
    from autograder.grading.cluster import DaskScheduler

    return DaskScheduler(**about)


def _whole(page: Path) -> bool:
    """Whether a feedback page is there to its end: nbgrader may have been stopped in its middle."""
    try:
        with open(page, "rb") as stream:
            stream.seek(-min(32, os.fstat(stream.fileno()).st_size), os.SEEK_END)
            return b"</html>" in stream.read()
    except OSError:
        return False


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
    print(f"{chapter.name}: {summary.submissions} submissions", end="")
    print(f" ({summary.graded} graded now, {summary.kept} unchanged)")
    width = max([len(name) for name in chapter.exercises] + [8])
    print(f"\n{'exercise':{width}}  points   mean   full   none")
    count = max(1, summary.submissions)
    for name, exercise in chapter.exercises.items():
        tally = summary.exercises.get(name, Tally())
        mean = tally.points / count
        print(
            f"{name:{width}}  {exercise.points:6g}  {mean:5.2f}  {tally.full:5d}  {tally.none:5d}"
        )
    print(f"{'all':{width}}  {chapter.points:6g}  {summary.total.points / count:5.2f}")
    if summary.needing_a_person:
        print("\nneed a person:")
        for record in summary.needing_a_person[:20]:
            print(f"  {record.student}: {record.reason or record.problem}")
        if len(summary.needing_a_person) > 20:
            print(f"  … and {len(summary.needing_a_person) - 20} more, in the report")
    print(f"\nreport: {summary.report}", flush=True)
    if not summary.submissions:
        print("nothing was graded", file=sys.stderr)


def _wanted(chapter: Chapter, submissions: Path, only: tuple[str, ...]) -> list[HandedIn]:
    others = tuple(name for name in chapter.course.chapters if name != chapter.name)
    class_work = find(submissions, chapter.name, others)
    unknown = set(only) - {handed.student for handed in class_work}
    if unknown:
        raise UserError(f"{submissions}: no submission of {', '.join(sorted(unknown))}")
    return [h for h in class_work if not only or h.student in only]


def _of_no_course(make_grader: Callable[[], Any], root: Path) -> Any:
    return make_grader()


def grader(root: Path, sandbox: str, limits: Limits) -> Any:
    """In a worker: a Grader of the course in ``root``."""
    from autograder.grading.session import Grader

    course: Course = load_course(root)
    return Grader(course, sandbox=sandbox, limits=limits)
