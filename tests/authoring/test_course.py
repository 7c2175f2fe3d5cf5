"""The course itself: what is committed was built from its texts, and gives nothing away."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.authoring.build import stale_files, stale_requirements
from autograder.authoring.leaks import find_leaks
from autograder.course import load_course

CHAPTERS = list(load_course(Path(__file__).parents[2]).chapters)


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_is_built_from_its_text(course, name):
    assert stale_files(course.chapters[name]) == [], "run `autograder build`"


def test_the_students_requirements_are_built(course):
    assert stale_requirements(course) == [], "run `autograder build`"


def test_nothing_secret_is_in_the_course(course):
    assert [str(leak) for leak in find_leaks(course)] == []
