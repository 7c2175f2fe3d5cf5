"""What one more submission costs, and what that is made of.

    python tests/benchmarks/bench_class.py 01_recurrence --students 12

Grades a class of sound, made-up submissions one after another on one core, each step timed by itself,
and prints medians in milliseconds. Three runs of each submission are told apart by what they hold: no
cell at all (starting a student's process and an examiner: the floor), the imports and the answers
(the tests besides), everything (the notebook's other cells besides).

How time and memory grow with the class, results of execution replayed:

    for n in 100 1000 10000; do /usr/bin/time -v autograder demo --students $n --distinct 100 \\
        --out /tmp/class-$n; done
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.course import Chapter, load_course
from autograder.grading import demo, feedback, handed_in, intake, recording
from autograder.grading.session import Grader
from autograder.grading.showing import cleaned


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("chapter", nargs="?", default="01_recurrence")
    parser.add_argument("--students", type=int, default=12)
    parser.add_argument("--sandbox", choices=["bwrap", "none"], default="bwrap")
    arguments = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])
    os.environ["OMP_NUM_THREADS"] = "1"
    course = load_course(Path(__file__).parents[2])
    chapter = course.select([arguments.chapter])[0]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        copy = demo.scratch_course(course, Path(folder) / "course")
        show(measure(copy.chapters[chapter.name], arguments.students, arguments.sandbox))
    return 0


def measure(chapter: Chapter, students: int, sandbox: str) -> dict[str, float]:
    """Median seconds of each step, in the order of the table."""
    root = chapter.course.root
    submitted = root / "submitted"
    demo.make_class(chapter, demo.released(chapter), submitted, students + 1, sound=True)
    form = intake.GradedForm(chapter)
    times: dict[str, list[float]] = defaultdict(list)
    imports = next(s.cell.id for s in form.sources if s.role == "imports")
    with (
        Grader(chapter.course, sandbox) as grader,
        recording.Recorder(form, root) as recorder,
    ):
        pages = feedback.Pages(chapter, root, recorder.db_url)
        for number, folder in enumerate(sorted(submitted.iterdir())):
            if number == 1:
                times.clear()  # the first one warmed everything up
            given = handed_in.of_student(folder, chapter.name)
            submission = timed(times["intake"], intake.read, given, form)
            answers = [c for c in submission.cells if c.kind == "solution" or c.id == imports]
            timed(times["floor"], grader.grade, chapter, [])
            timed(times["answers"], grader.grade, chapter, answers)
            outcome = timed(times["all"], grader.grade, chapter, list(submission.cells))
            graded = recording.Graded(submission, cleaned(outcome))
            timed(times["recording"], recorder.save, graded)
            timed(times["feedback page"], pages.write_one, submission.student)
    median = {name: statistics.median(values) for name, values in times.items()}
    differences = {
        "tests": [a - f for a, f in zip(times["answers"], times["floor"], strict=True)],
        "other cells": [b - a for b, a in zip(times["all"], times["answers"], strict=True)],
    }
    return {
        "intake": median["intake"],
        "processes (the floor)": median["floor"],
        "answers and tests": statistics.median(differences["tests"]),
        "other cells": statistics.median(differences["other cells"]),
        "recording": median["recording"],
        "feedback page": median["feedback page"],
    }


def timed(into: list[float], function: Callable[..., Any], *arguments: Any) -> Any:
    """Call, and note how long it took."""
    began = time.perf_counter()
    result = function(*arguments)
    into.append(time.perf_counter() - began)
    return result


def show(steps: dict[str, float]) -> None:
    """The table, on standard output."""
    total = sum(steps.values())
    for name, seconds in (*steps.items(), ("one more submission", total)):
        print(f"{name:24} {1000 * seconds:8.1f} ms  {seconds / total:5.0%}")


if __name__ == "__main__":
    sys.exit(main())
