"""Our `autograder grade` beside stock `nbgrader autograde`, on the same submissions and cores.

    python tests/benchmarks/bench_grading.py 01_recurrence --students 40

A class of sound submissions is made out of the chapter's answer files and graded twice, one after
the other in one run on the same two cores: by nbgrader with its own default configuration, and by
us, feedback pages and report included. Prints both times, their ratio, and every difference in
scores. Allowed is one kind of difference only: an exercise that is right in itself and that stock
nbgrader marks wrong because it calls the student's wrong or missing answer to an earlier one.

Exit code: 0, or 1 where a score differs for another reason or the ratio is below --at-least.
"""

from __future__ import annotations

import argparse
import ast
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from nbgrader.api import Gradebook

from autograder.course import Chapter, load_course
from autograder.grading import demo
from autograder.grading.recording import default_db

STOCK_CONFIG = "c = get_config()\nc.CourseDirectory.course_id = 'stock'\n"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("chapter", nargs="?", default="01_recurrence")
    parser.add_argument("--students", type=int, default=40)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--at-least", type=float, default=5.0, help="ratio to reach (default: 5)")
    arguments = parser.parse_args()
    chapter = load_course(Path(__file__).parents[2]).select([arguments.chapter])[0]
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: arguments.cores])
    os.environ["OMP_NUM_THREADS"] = "1"
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        return compare(chapter, Path(folder), arguments)


def compare(chapter: Chapter, folder: Path, arguments: argparse.Namespace) -> int:
    """Grade one made-up class both ways and print what came of it."""
    made = demo.make_class(
        chapter, demo.released(chapter), folder / "submitted", arguments.students, sound=True
    )
    stock, ours = folder / "stock", folder / "ours"
    prepare_stock(chapter, stock, folder / "submitted")
    copy = demo.scratch_course(chapter.course, ours)

    nbgrader = [sys.executable, "-m", "nbgrader"]
    stock_seconds = timed([*nbgrader, "autograde", chapter.name], stock)
    command = [sys.executable, "-m", "autograder", "grade", chapter.name]
    command += ["--submissions", str(folder / "submitted"), "--jobs", str(arguments.cores)]
    our_seconds = timed(command, copy.root)

    students = len(made)
    ratio = stock_seconds / our_seconds
    print(f"{chapter.name}, {students} submissions, {arguments.cores} cores")
    for name, seconds in (("nbgrader autograde", stock_seconds), ("autograder grade", our_seconds)):
        print(f"  {name:20}{seconds:8.1f} s {seconds / students:8.2f} s each")
    print(f"  ratio               {ratio:8.1f}")
    unexplained = print_differences(chapter, made, grades(stock, chapter), grades(ours, chapter))
    if ratio < arguments.at_least:
        print(f"slower than {arguments.at_least:g} times nbgrader")
    return 1 if unexplained or ratio < arguments.at_least else 0


def prepare_stock(chapter: Chapter, root: Path, submitted: Path) -> None:
    """A course for nbgrader's defaults: our notebook, what notebooks need beside it, the class."""
    source = root / "source" / chapter.name
    source.mkdir(parents=True)
    shutil.copy(chapter.solution_notebook, source)
    for file in (chapter.given_file, chapter.key_file):
        if file.is_file():
            shutil.copy(file, source)
    (root / "nbgrader_config.py").write_text(STOCK_CONFIG)
    shutil.copytree(submitted, root / "submitted")
    timed([sys.executable, "-m", "nbgrader", "generate_assignment", chapter.name], root)


def timed(command: list[str], folder: Path) -> float:
    """Run a command to its end; seconds that it took. Its output is shown only where it fails."""
    began = time.perf_counter()
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}")
    return time.perf_counter() - began


def grades(root: Path, chapter: Chapter) -> dict[tuple[str, str], float | None]:
    """Automatic scores in a gradebook, by student and cell."""
    found = {}
    with Gradebook(default_db(root)) as book:
        for submission in book.assignment_submissions(chapter.name):
            for notebook in submission.notebooks:
                for grade in notebook.grades:
                    found[submission.student.id, grade.name] = grade.auto_score
    return found


def print_differences(
    chapter: Chapter,
    made: list[demo.MadeUp],
    stock: dict[tuple[str, str], float | None],
    ours: dict[tuple[str, str], float | None],
) -> int:
    """Print every difference; returns how many are not stock's punishing twice."""
    answers = {one.student: one.answers for one in made}
    unexplained = 0
    twice: list[str] = []
    for student, cell in sorted(stock.keys() | ours.keys()):
        a, b = stock.get((student, cell)), ours.get((student, cell))
        if a == b:
            continue
        exercise = cell.removeprefix("test_")
        cause = earlier_mistake(chapter, exercise, answers[student])
        if cause and a is not None and b is not None and a < b:
            twice.append(f"{student} {exercise}: stock {a:g}, ours {b:g}; {cause}")
        else:
            unexplained += 1
            print(f"  DIFFERENT {student} {cell}: stock {a}, ours {b}")
    equal = len(stock.keys() & ours.keys()) - len(twice) - unexplained
    print(f"  equal scores: {equal}; punished twice by stock nbgrader: {len(twice)}")
    for line in twice:
        print(f"    {line}")
    return unexplained


def earlier_mistake(chapter: Chapter, exercise: str, answers: dict[str, str]) -> str | None:
    """The wrong earlier answer that a right answer to this exercise leads to, or None."""
    if not answers[exercise].startswith("right"):
        return None
    waiting, seen = [exercise], set()
    while waiting:
        name = waiting.pop()
        code = demo.answer_codes(chapter.exercises[name]).get(answers[name], "")
        used = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
        for earlier, other in chapter.exercises.items():
            if earlier == name or earlier in seen or not used & set(other.defines):
                continue
            if not answers[earlier].startswith("right"):
                return f"{earlier} is {answers[earlier]}"
            seen.add(earlier)
            waiting.append(earlier)
    return None


if __name__ == "__main__":
    sys.exit(main())
