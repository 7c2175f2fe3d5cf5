"""Builds a chapter from its text: ``given.py``, executed solution, answer key, student's notebook.

Everything is made in memory and in a temporary folder first, and put into place at the end in one
go: a chapter that fails, or is stopped, leaves the files of the last build untouched.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.authoring.execute import execute, make_stable
from autograder.authoring.given import given_source
from autograder.authoring.keys import chapter_key, same_keys
from autograder.authoring.release import going_on, release
from autograder.authoring.requirements import student_requirements
from autograder.authoring.sources import check_source
from autograder.course import Chapter, Course
from unrolled.key import KeyUnreadable, key_bytes, read_key

METADATA = "unrolled"
"""Where the executed notebook keeps what it was made from and a hash of itself."""
FINGERPRINT = "fingerprint"
DIGEST = "digest"
# packages whose version can change an output
_PACKAGES = ("ipykernel", "ipython", "ipywidgets", "matplotlib", "msgpack", "numpy", "torch")


@dataclass(frozen=True)
class Built:
    """What a build did with one chapter."""

    chapter: str
    executed: bool
    """Whether the notebook ran; False where its last outputs are still good."""
    changed: tuple[Path, ...]
    """Files written or removed."""
    seconds: float


@dataclass
class _Files:
    """Everything that one chapter's build puts into place; None stands for "no such file"."""

    contents: dict[Path, bytes | None] = field(default_factory=dict)

    def different(self) -> list[Path]:
        return [path for path, data in self.contents.items() if _read(path) != data]


def build_chapter(chapter: Chapter, *, force: bool = False) -> Built:
    """Build what is out of date of one chapter and put it into place.

    force: execute the notebook even if nothing that it depends on has changed.
    Raises UserError for a text or answer that cannot be used, CellFailure for a failing cell,
    AnswerFault for an answer that is not what it claims to be.
    """
    start = time.monotonic()
    check_source(chapter)
    files, executed = _make(chapter, force=force)
    changed = files.different()
    _install({path: files.contents[path] for path in changed})
    return Built(chapter.name, executed, tuple(changed), time.monotonic() - start)


def stale_files(chapter: Chapter) -> list[str]:
    """What of a chapter's built files is out of date, as sentences; runs no cell of the notebook.

    The executed notebook is judged by its fingerprint; ``given.py``, key and student's notebook are
    made again and compared.
    """
    check_source(chapter)
    if not chapter.solution_notebook.is_file():
        return [f"{chapter.solution_notebook} is missing"]
    executed = _executed_before(chapter)
    found = []
    if executed is None:
        found.append(f"{chapter.solution_notebook} was not made from this text and toolbox")
        return found + _stale(_light_files(chapter))
    return _stale(_all_files(chapter, executed))


def finish_release(chapter: Chapter) -> None:
    """Make a student's folder that nbgrader wrote the same as the one that the build writes."""
    notebook = nbformat.read(chapter.released_notebook, as_version=nbformat.NO_CONVERT)
    contents = {
        chapter.released_notebook: notebook_bytes(going_on(_without_fingerprint(notebook))),
        chapter.key_file: _key(chapter),
    }
    _install(contents)


def build_requirements(course: Course) -> list[Path]:
    """Write ``course/requirements.txt``, the student's part; returns the files that changed."""
    files = _requirements(course)
    changed = files.different()
    _install({path: files.contents[path] for path in changed})
    return changed


def stale_requirements(course: Course) -> list[str]:
    """Like ``stale_files``, for what the build writes beside the chapters."""
    return _stale(_requirements(course))


def fingerprint(chapter: Chapter) -> str:
    """A hash of everything that the executed notebook depends on."""
    digest = hashlib.sha256()

    def add(label: str, data: bytes) -> None:
        digest.update(f"{label}\0{len(data)}\0".encode() + data)

    add("source", _text(chapter.source))
    add("given", (given_source(chapter) or "").encode())
    for exercise in chapter.exercises.values():
        add(f"cases {exercise.name}", _text(exercise.cases_file))
    toolbox = chapter.course.release / "unrolled"
    for path in sorted([*toolbox.rglob("*.py"), *toolbox.rglob("data/**/*.json")]):
        add(path.relative_to(toolbox).as_posix(), _text(path))
    requirements = chapter.course.root / "requirements.txt"
    pins = requirements.read_text(encoding="utf-8").split("\n") if requirements.is_file() else []
    wanted = [pin for pin in pins if re.split(r"[=<>; ]", pin.strip())[0].lower() in _PACKAGES]
    add("requirements", "\n".join(sorted(wanted)).encode())
    return digest.hexdigest()


def _make(chapter: Chapter, *, force: bool) -> tuple[_Files, bool]:
    executed = None if force else _executed_before(chapter)
    if executed is not None:
        return _all_files(chapter, executed), False
    # before anything runs: what is edited meanwhile is not what ran
    taken_from = fingerprint(chapter)
    notebook = chapter.notebook()
    files = _light_files(chapter)
    with tempfile.TemporaryDirectory(prefix="build-") as name:
        folder = Path(name).resolve()
        for path, data in files.contents.items():
            if data is not None:
                (folder / path.name).write_bytes(data)
        execute(chapter, notebook, folder)
    make_stable(notebook)
    digest = _digest(notebook)
    notebook.metadata[METADATA] = {FINGERPRINT: taken_from, DIGEST: digest}
    return _all_files(chapter, notebook, files), True


def _light_files(chapter: Chapter) -> _Files:
    """What needs no executed notebook: ``given.py`` on both sides, and the key."""
    given = given_source(chapter)
    data = None if given is None else given.encode()
    return _Files(
        {
            chapter.given_file: data,
            chapter.released / "given.py": data,
            chapter.key_file: _key(chapter),
        }
    )


def _all_files(chapter: Chapter, executed: NotebookNode, light: _Files | None = None) -> _Files:
    files = light or _light_files(chapter)
    student = release(chapter.name, _without_fingerprint(executed))
    files.contents[chapter.released_notebook] = notebook_bytes(student)
    # last, since its fingerprint says that all the others are there
    files.contents[chapter.solution_notebook] = notebook_bytes(executed)
    return files


def notebook_bytes(notebook: NotebookNode) -> bytes:
    """A notebook as it is stored: the same bytes for the same content."""
    return (nbformat.writes(notebook, version=nbformat.NO_CONVERT).rstrip("\n") + "\n").encode()


def _key(chapter: Chapter) -> bytes:
    new = chapter_key(chapter)
    with contextlib.suppress(KeyUnreadable):
        if same_keys(read_key(chapter.key_file), new):
            # the last digit differs from one processor to another: no reason for a new file
            return chapter.key_file.read_bytes()
    return key_bytes(new)


def _requirements(course: Course) -> _Files:
    source = course.root / "requirements.txt"
    if not source.is_file():
        return _Files()
    text = student_requirements(source.read_text(encoding="utf-8"))
    return _Files({course.release / "requirements.txt": text.encode()})


def _executed_before(chapter: Chapter) -> NotebookNode | None:
    """The executed notebook of an earlier build, where it still holds."""
    try:
        notebook = nbformat.read(chapter.solution_notebook, as_version=nbformat.NO_CONVERT)
    except Exception:  # missing, or damaged in any of the ways a file can be
        return None
    own = notebook.metadata.get(METADATA, {})
    if own.get(FINGERPRINT) != fingerprint(chapter):
        return None
    # saved again by somebody's Jupyter, it is no longer what the build made
    return notebook if own.get(DIGEST) == _digest(notebook) else None


def _digest(notebook: NotebookNode) -> str:
    return hashlib.sha256(notebook_bytes(_without_fingerprint(notebook))).hexdigest()


def _without_fingerprint(notebook: NotebookNode) -> NotebookNode:
    copy = nbformat.from_dict(notebook)
    copy.metadata = NotebookNode(
        {name: value for name, value in notebook.metadata.items() if name != METADATA}
    )
    return copy


def _stale(files: _Files) -> list[str]:
    found = []
    for path in files.different():
        if files.contents[path] is None:
            found.append(f"{path} is there, but nothing is given to this chapter")
        else:
            found.append(f"{path} is " + ("out of date" if path.is_file() else "missing"))
    return found


def _install(contents: dict[Path, bytes | None]) -> None:
    """Write all files or none: each is written beside its place first, then all are moved in."""
    written: list[tuple[Path, Path]] = []
    try:
        for path, data in contents.items():
            if data is None:
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            beside = path.with_name(f".{path.name}.{os.getpid()}.new")
            written.append((beside, path))
            beside.write_bytes(data)
        with _uninterrupted():
            for beside, path in written:
                os.replace(beside, path)
            for path, data in contents.items():
                if data is None:
                    path.unlink(missing_ok=True)
    finally:
        for beside, _ in written:
            beside.unlink(missing_ok=True)


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold Ctrl-C back until the block is done."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed = []
    before = signal.signal(signal.SIGINT, lambda *_: pressed.append(True))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        raise KeyboardInterrupt


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _text(path: Path) -> bytes:
    """A text file's bytes, the same where git gives lines another ending."""
    return path.read_bytes().replace(b"\r\n", b"\n")
