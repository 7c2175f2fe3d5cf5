"""Build chapters from their text: executed solution, given code, answer key, student's notebook.

Only what changed is executed again. A failing cell is reported with the line of the text where it
stands, and leaves the files of the last build as they were.

example:
  autograder build                      every chapter
  autograder build 01_recurrence        one chapter
  autograder build --check              is anything out of date? (executes no notebook)
  autograder build --force --jobs 2     execute all, two chapters at a time
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import active_children, get_context
from pathlib import Path

from tqdm import tqdm

from autograder.course import Chapter, Course, load_course
from autograder.errors import UserError
from autograder.progress import progress


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("chapters", nargs="*", metavar="CHAPTER", help="default: every chapter")
    parser.add_argument("--force", action="store_true", help="execute even what has not changed")
    parser.add_argument(
        "--check", action="store_true", help="build nothing; exit 1 and say what is out of date"
    )
    parser.add_argument(
        "--jobs", type=int, default=1, metavar="N", help="chapters built at once (default: 1)"
    )


def run(arguments: argparse.Namespace) -> int:
    if arguments.jobs < 1:
        raise UserError("--jobs must be at least 1")
    course = load_course(arguments.course)
    chapters = course.select(arguments.chapters)
    if not chapters:
        raise UserError(
            f"{course.solutions / 'course.toml'} has no chapter; `autograder new NAME` makes one"
        )
    work = _check if arguments.check else _build
    code = 0
    good = []
    for name, said, failed in _each(work, course, chapters, arguments):
        code = max(code, failed)
        if failed < 2:
            good.append(course.chapters[name])
        # below the moving bars, where there are any
        tqdm.write(f"{name:<24} {said}", file=sys.stderr if failed else sys.stdout)
    return max(code, _beside(course, good, arguments.check))


def _each(work, course: Course, chapters: list[Chapter], arguments) -> Iterator[tuple]:
    """(chapter's name, what to say, exit code) for each chapter, as it is done."""
    # one at a time, a chapter shows its cells; two bars at once can be drawn on a terminal only
    alone = arguments.jobs == 1 and not sys.stderr.isatty()
    with progress(
        total=len(chapters),
        what="chapters",
        unit="chapter",
        disable=not arguments.check and (alone or len(chapters) == 1),
    ) as bar:
        if arguments.jobs == 1 or len(chapters) == 1:
            for chapter in chapters:
                yield chapter.name, *_guarded(work, chapter, arguments)
                bar.update()
            return
        with ProcessPoolExecutor(
            arguments.jobs, mp_context=get_context("spawn"), initializer=_wait_quietly
        ) as pool:
            waiting = {
                pool.submit(_elsewhere, work, course.root, chapter.name, arguments): chapter
                for chapter in chapters
            }
            try:
                for done in as_completed(waiting):
                    yield waiting[done].name, *done.result()
                    bar.update()
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                for child in active_children():
                    os.kill(child.pid, signal.SIGINT)
                raise


def _elsewhere(work, root: Path, name: str, arguments) -> tuple[str, int]:
    """One chapter in a worker process; Ctrl-C ends it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return _guarded(work, load_course(root).chapters[name], arguments)
    except KeyboardInterrupt:
        return "stopped", 130
    finally:
        _wait_quietly()


def _wait_quietly() -> None:
    """A worker without work leaves Ctrl-C to the parent, instead of showing a traceback."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _guarded(work, chapter: Chapter, arguments) -> tuple[str, int]:
    """A chapter that fails does not stop the others."""
    from autograder.authoring.execute import CellFailure
    from autograder.authoring.keys import AnswerFault

    try:
        return work(chapter, arguments)
    except (CellFailure, AnswerFault) as error:
        if arguments.debug:
            raise
        return f"failed\n{error}", 1
    except UserError as error:
        if arguments.debug:
            raise
        return f"cannot be built\n{error}", 2


def _build(chapter: Chapter, arguments) -> tuple[str, int]:
    from autograder.authoring.build import build_chapter

    built = build_chapter(chapter, force=arguments.force)
    what = "executed" if built.executed else "rebuilt" if built.changed else "up to date"
    return f"{what} in {built.seconds:.1f} s", 0


def _check(chapter: Chapter, arguments) -> tuple[str, int]:
    from autograder.authoring.build import stale_files

    stale = stale_files(chapter)
    if not stale:
        return "up to date", 0
    return "\n  ".join(["out of date: run `autograder build`", *stale]), 1


def _beside(course: Course, readable: list[Chapter], check: bool) -> int:
    """What stands beside the chapters, and whether a secret of these stands in the course."""
    from autograder.authoring.build import build_requirements, stale_requirements
    from autograder.authoring.leaks import find_leaks

    if check:
        found = stale_requirements(course)
    else:
        build_requirements(course)
        found = []
    leaks = find_leaks(course, readable)
    found += [f"leak: {leak}" for leak in leaks]
    if leaks:
        found.append(
            "a line that stands in both places by chance: write it otherwise in one of them"
        )
    for sentence in found:
        print(sentence, file=sys.stderr)
    return 1 if found else 0
