"""A small course, built once, and copies of it to break."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.authoring.build import build_chapter
from autograder.authoring.new_command import new_chapter
from autograder.course import Course, load_course

FIRST, SECOND = "00_first", "01_second"


def edit(path: Path, old: str, new: str) -> None:
    """Replace the one occurrence of ``old``."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Two unbuilt chapters; the second is given the first one's ``moving_mean``."""
    root = tmp_path_factory.mktemp("written")
    (root / "solutions").mkdir()
    (root / "course").mkdir()
    toml = root / "solutions" / "course.toml"
    toml.write_text('title = "Small"\n', encoding="utf-8")
    new_chapter(load_course(root), FIRST)
    second = new_chapter(load_course(root), SECOND)
    for path in second.folder.rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8").replace("moving_mean", "mean_so_far")
            path.write_text(text, encoding="utf-8")
    (second.folder / "answers" / "moving_mean").rename(second.folder / "answers" / "mean_so_far")
    toml.write_text(
        toml.read_text(encoding="utf-8") + f'given = {{ "{FIRST}" = ["moving_mean"] }}\n',
        encoding="utf-8",
    )
    edit(
        second.source,
        "import numpy as np\n\nfrom unrolled import check\n```",
        "import numpy as np\nfrom given import moving_mean\n\nfrom unrolled import check\n```",
    )
    text = second.source.read_text(encoding="utf-8")
    solution = re.compile(r"(?<=### BEGIN SOLUTION\n)    count = .*?(?=    ### END)", re.S)
    second.source.write_text(
        solution.sub("    return 1.0 * moving_mean(x)\n", text), encoding="utf-8"
    )
    return load_course(root)


@pytest.fixture(scope="session")
def built(written: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The same, built. Read only."""
    root = tmp_path_factory.mktemp("built") / "course"
    shutil.copytree(written.root, root)
    course = load_course(root)
    for chapter in course.chapters.values():
        build_chapter(chapter)
    return course


@pytest.fixture
def copy(built: Course, tmp_path: Path) -> Course:
    """A copy of the built course to change."""
    shutil.copytree(built.root, tmp_path / "copy")
    return load_course(tmp_path / "copy")


@pytest.fixture
def unbuilt(written: Course, tmp_path: Path) -> Course:
    """A copy of the course that was never built, to change."""
    shutil.copytree(written.root, tmp_path / "unbuilt")
    return load_course(tmp_path / "unbuilt")


@pytest.fixture
def snapshot() -> Callable[[Course], dict[str, bytes]]:
    """Takes a course's files and their bytes."""

    def take(course: Course) -> dict[str, bytes]:
        return {
            path.relative_to(course.root).as_posix(): path.read_bytes()
            for path in sorted(course.root.rglob("*"))
            if path.is_file() and "__pycache__" not in path.parts
        }

    return take
