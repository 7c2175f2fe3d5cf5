"""Hold a chapter's hidden tests and checks to right and wrong answers.

Proves, for every chapter named (all for none):
- the solution earns every point, and the released notebook, unsolved, runs to its end under the
  grader and earns none;
- every wrong answer loses points in its own exercise and in no other, and check() prints its own
  diagnosis; every right answer earns all, and check() says so;
- every mechanical mutant of a solution (an operator, an index, a constant changed, a statement
  dropped) is killed by the exercise's test, or answers/EXERCISE/equivalent.toml says why no test
  can;
- every test cell can run alone.

What has not changed since the last time is not run again (.autograder_cache/; --force runs all).

examples:
  autograder verify 01_recurrence
  autograder verify 01_recurrence --exercise rnn_step --no-mutants
  autograder verify --json verify.json

exit code: 0 all well, 1 found something, 2 could not run
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from autograder.course import Chapter, load_course
from autograder.errors import UserError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("chapters", nargs="*", metavar="CHAPTER", help="default: every chapter")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result as JSON, too")
    parser.add_argument(
        "--exercise",
        action="append",
        default=[],
        metavar="NAME",
        help="only this exercise's answers and mutants (may be given several times)",
    )
    parser.add_argument(
        "--jobs", type=int, metavar="N", help="how much runs at once (default: one per core)"
    )
    parser.add_argument("--no-mutants", action="store_true", help="leave the mutants out")
    parser.add_argument("--force", action="store_true", help="run what has not changed, too")


def run(arguments: argparse.Namespace) -> int:
    course = load_course(arguments.course)
    chapters = course.select(arguments.chapters)
    if not chapters:
        raise UserError(f"{course.solutions / 'course.toml'} names no chapter")
    if arguments.jobs is not None and arguments.jobs < 1:
        raise UserError("--jobs is a number from 1")
    chapters = _with_exercises(chapters, arguments.exercise)
    # slow to import, so not before the arguments are known to be good
    from autograder.verification import report
    from autograder.verification.proof import Options, verify
    from autograder.verification.results import as_json

    options = Options(
        exercises=tuple(arguments.exercise),
        jobs=arguments.jobs or _cores(),
        mutants=not arguments.no_mutants,
        force=arguments.force,
    )
    results = []
    for result in verify(chapters, options):
        results.append(result)
        print(report.table(result) + "\n", flush=True)
    if details := report.details(results):
        print(details + "\n")
    print(report.verdict(results))
    if arguments.json:
        _write(arguments.json, json.dumps(as_json(results), indent=2, ensure_ascii=False) + "\n")
    return 1 if any(result.findings for result in results) else 0


def _with_exercises(chapters: list[Chapter], names: list[str]) -> list[Chapter]:
    """The chapters that have one of these exercises; all for no names."""
    for name in names:
        if not any(name in chapter.exercises for chapter in chapters):
            where = ", ".join(chapter.name for chapter in chapters)
            raise UserError(f"no exercise {name!r} in {where}")
    return [c for c in chapters if not names or any(name in c.exercises for name in names)]


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}") from error
