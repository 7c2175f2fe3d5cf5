"""What several tests share: where the repository stands, and a small course to work on."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.course import Course, load_course

REPOSITORY = Path(__file__).resolve().parent.parent
TEMPLATE = REPOSITORY / "autograder" / "authoring" / "template"


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder that holds solutions/, course/ and the Makefile."""
    return REPOSITORY


@pytest.fixture(scope="session")
def course(repository: Path) -> Course:
    """The course itself. Tests read it; those that write make a course of their own."""
    return load_course(repository)


def write_small_course(root: Path, names: tuple[str, ...] = ("00_small",)) -> Course:
    """A course in ``root`` whose chapters are copies of the template, not built yet."""
    lines = ['title = "Small"']
    for name in names:
        folder = root / "solutions" / name
        shutil.copytree(TEMPLATE / "answers", folder / "answers")
        text = (TEMPLATE / "chapter.md").read_text(encoding="utf-8")
        text = text.replace("{{number}}", str(int(name[:2]))).replace("{{title}}", name)
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
        lines.append(f'\n[[chapter]]\nname = "{name}"\ntitle = "{name}"\nminutes = 10')
    (root / "solutions" / "course.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (root / "course").mkdir()
    return load_course(root)


@pytest.fixture
def small_course(tmp_path: Path) -> Course:
    """A course with one unbuilt chapter, ``00_small``, whose one exercise is ``moving_mean``."""
    return write_small_course(tmp_path / "small")


@pytest.fixture
def make_course(tmp_path: Path) -> Callable[..., Course]:
    """Makes a course with the chapters named, each a copy of the template, not built yet."""

    def make(*names: str) -> Course:
        return write_small_course(tmp_path / "made", names)

    return make


def pytest_configure() -> None:
    """Hear Ctrl-C: a shell's background jobs, and all that they start, would ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest starts first: installing environments, verifying and replaying chapters.

    With ``--dist loadfile --no-loadscope-reorder`` files go to workers in the order of this list, so
    that short ones are left for the end and no worker waits long for the last.
    """
    longest = ("test_setup.py", "test_chapters.py")

    def turn(item: pytest.Item) -> int:
        if item.path.name in longest:
            return longest.index(item.path.name)
        return len(longest) + (item.path.suffix != ".ipynb")

    items.sort(key=turn)
