"""Warm graders that several files of tests share, and a short way to grade answers with them."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Iterator

import pytest
from workshop import cells_of, text_of, write_workshop

from autograder.course import Chapter
from autograder.grading.limits import MIB, Limits
from autograder.grading.outcome import Outcome, StudentCell
from autograder.grading.session import Grader


@pytest.fixture(scope="session")
def chapter(tmp_path_factory: pytest.TempPathFactory) -> Chapter:
    return write_workshop(tmp_path_factory.mktemp("workshop"))


SMALL = Limits(cell=20, test=20, diagnosis=20, notebook=60, memory=1536 * MIB, scratch=16 * MIB)


@pytest.fixture(scope="session", params=["bwrap", "none"])
def any_grader(request: pytest.FixtureRequest, chapter: Chapter) -> Iterator[Grader]:
    """A warm grader, once in the sandbox and once without."""
    yield request.getfixturevalue("grader" if request.param == "bwrap" else "open_grader")


@pytest.fixture(scope="session")
def grader(chapter: Chapter) -> Iterator[Grader]:
    """A warm grader with the sandbox."""
    if not shutil.which("bwrap"):
        pytest.skip("bubblewrap is not installed here")
    with Grader(chapter.course, "bwrap", SMALL) as grader:
        yield grader


@pytest.fixture(scope="session")
def open_grader(chapter: Chapter) -> Iterator[Grader]:
    """A warm grader without a sandbox."""
    with Grader(chapter.course, "none", SMALL) as grader:
        yield grader


Grade = Callable[..., Outcome]


def _grade_with(grader: Grader, chapter: Chapter) -> Grade:
    def grade(answers=None, *, first="", last="", limits=None, cells=None, only=None) -> Outcome:
        kept = grader.limits
        grader.limits = dataclasses.replace(kept, **(limits or {}))
        try:
            return grader.grade(chapter, cells or cells_of(answers, first, last), only)
        finally:
            grader.limits = kept

    return grade


@pytest.fixture
def grade(any_grader: Grader, chapter: Chapter) -> Grade:
    """Grades answers to the workshop's exercises, in both kinds of grader."""
    return _grade_with(any_grader, chapter)


@pytest.fixture
def sandboxed(grader: Grader, chapter: Chapter) -> Grade:
    """Grades answers to the workshop's exercises in the sandbox."""
    return _grade_with(grader, chapter)


@pytest.fixture
def show(sandboxed: Grade) -> Callable[[str], str]:
    """What a cell prints when it runs in the sandbox."""

    def shown(source: str, **limits) -> str:
        outcome = sandboxed(cells=[StudentCell("cell", source)], limits=limits)
        return text_of(outcome, "cell")

    return shown
