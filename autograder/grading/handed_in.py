"""Finds what was handed in: a folder per student, nbgrader's ``submitted/``, or zips of either.

Trusted code reading untrusted names and archives. Nothing is executed, nothing is unpacked to disk
(a zip's members are read into memory, up to a limit) and no symbolic link is followed.
"""

from __future__ import annotations

import functools
import hashlib
import io
import logging
import os
import re
import stat
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from autograder.errors import UserError
from autograder.grading.csv_cells import runs
from autograder.grading.readable import line

MAX_NOTEBOOK_BYTES = 100 * 2**20
MAX_ARCHIVE_BYTES = 200 * 2**20
MAX_ARCHIVE_ENTRIES = 200_000
MAX_DIRECTORY_BYTES = 24 * 2**20
MAX_ARCHIVES = 5
"""Zips of one student that are opened: each may swell to the limit above."""
MAX_DEPTH = 6
MAX_CANDIDATES = 10
_IGNORED = {".ipynb_checkpoints", "__MACOSX", "__pycache__", ".git", ".DS_Store"}
_PROGRAMS = (".py", ".pyc", ".pyd", ".pth", ".so")
_NBGRADERS = {
    "submitted", "source", "release", "autograded", "feedback", "solutions", "course", "report",
}  # fmt: skip
"""Folders of a course in which nbgrader works: what stands in them was not handed in."""
_GIVEN = "given.py"
_TOOLBOX = "unrolled"
_CANVAS = re.compile(r"(?P<name>.+?)(?:_LATE)?_(?P<user>\d{3,})_\d{3,}_(?P<file>.+)", re.I)
_MOODLE = re.compile(r"(?P<student>.+_\d+)_assignsubmission_(file|onlinetext)_?", re.I)
_COPY = r"(?: ?\(\d+\)|[-_ ]?copy ?\d*(?: ?\(\d+\))?|[-_ ]\d{1,3})?"


class Unreadable(Exception):
    """A submission that cannot be read; the message is the reason that people are shown."""

    def __init__(self, reason: str):
        super().__init__(line(reason))  # it may quote a file's name


@dataclass(frozen=True)
class Finding:
    """Something about a submission that a person may want to know."""

    kind: str
    """One word or two, the same for the same matter: reports count by it."""
    text: str
    """One readable line: names and ids that a student chose may stand in it."""

    def __post_init__(self):
        object.__setattr__(self, "text", line(self.text))


@dataclass(frozen=True)
class File:
    """One handed-in file: on disk, or a member of a zip (possibly of a zip inside a zip)."""

    name: str
    """The name that it was handed in under, without folders."""
    path: Path
    members: tuple[int, ...] = ()
    """Positions in the archive's directory, outermost first; empty for a plain file."""
    modified: float = 0.0
    problem: str | None = None
    """Why it must not be opened (a link, a folder, a device …), or None."""

    def read(self, limit: int = MAX_NOTEBOOK_BYTES) -> bytes:
        """The file's bytes; Unreadable with a reason where they cannot or must not be had."""
        if self.problem:
            raise Unreadable(self.problem)
        if not self.members:
            with open_plainly(self.path) as stream:
                return _read(stream, limit, self.name)
        archive = _archive(self.path, _stamp(self.path), self.members[:-1])
        return _member(archive, archive.infolist()[self.members[-1]], limit)


@dataclass
class HandedIn:
    """What one student handed in for one chapter."""

    student: str
    files: list[File] = field(default_factory=list)
    """Notebooks, the likeliest first."""
    timestamp: str | None = None
    """nbgrader's ``timestamp.txt``, where nbgrader itself collected the work."""
    findings: list[Finding] = field(default_factory=list)
    reason: str | None = None
    """Why nothing can be read at all, or None."""

    def digest(self) -> str:
        """A hash of everything that the grade can depend on, reasons for failure included."""
        digest = hashlib.sha256(f"{self.timestamp}\0{self.reason}\0".encode())
        for file in self.files[:MAX_CANDIDATES]:
            digest.update(file.name.encode("utf-8", "replace") + b"\0")
            try:
                digest.update(hashlib.sha256(file.read()).digest())
            except Unreadable as error:
                digest.update(str(error).encode("utf-8", "replace"))
        return digest.hexdigest()


def find(where: Path, chapter: str, others: tuple[str, ...] = ()) -> list[HandedIn]:
    """Everything handed in for ``chapter`` under ``where`` (folder or zip), ordered by student.

    ``others`` are the names of the course's other chapters: notebooks of theirs are passed over.
    Raises UserError where ``where`` itself is missing, unreadable or holds no submission.
    """
    root = _root(where)
    if root.problem:
        logging.getLogger(__name__).warning("%s: %s; passed over", where, root.problem)
    root = _unwrapped(root, (chapter, *others))
    found: list[HandedIn] = []
    for child in root.children():
        if child.is_folder:
            handed = _student_folder(child, chapter, others)
        elif child.is_archive:
            handed = _student_archive(child, chapter, others)
        elif child.name.lower().endswith(".ipynb"):
            handed = _loose_notebook(child, chapter, others, where)
        else:
            handed = None
        if handed is not None:
            found.append(handed)
    if not found:
        raise UserError(
            f"{where}: no submission of {chapter} in it; expected a folder per student with "
            f"{chapter}.ipynb inside, nbgrader's submitted/ folder, or a zip of such folders"
        )
    _believe_timestamps(found)
    return sorted(_one_each(found), key=lambda handed: handed.student)


def of_student(folder: Path, chapter: str, others: tuple[str, ...] = ()) -> HandedIn:
    """What stands in one student's folder, as ``find`` would give it."""
    node = _Node(folder.name, folder.resolve(), is_folder=True)
    handed = _student_folder(node, chapter, others)
    if handed is None:
        handed = HandedIn(clean_student(folder.name), reason="no notebook was handed in")
    return handed


def clean_student(name: str) -> str:
    """A student id that is safe as a folder's name, in a glob, in nbgrader's gradebook, on a
    command line and in a spreadsheet."""
    text = unicodedata.normalize("NFC", name).strip()
    text = "".join(c if c.isprintable() and c not in '/\\*?[]{}<>|":+' else "_" for c in text)
    text = text.lstrip(".").strip()[:100].strip()
    if text.startswith("-") or runs(text):
        text = f"_{text[1:]}"
    return text or "unnamed"


def open_plainly(path: Path) -> IO[bytes]:
    """Open a regular file, and nothing else: no link, folder, FIFO or device."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags | getattr(os, "O_BINARY", 0))
    except PermissionError as error:
        raise Unreadable(f"{path.name}: no permission to read it") from error
    except OSError as error:
        raise Unreadable(f"{path.name}: {error.strerror or 'cannot be opened'}") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Unreadable(f"{path.name}: not a regular file")
    return os.fdopen(descriptor, "rb")


# ---------------------------------------------------------------------------- a tree of either kind


@dataclass
class _Node:
    """A file or folder, wherever it is stored."""

    name: str
    path: Path
    members: tuple[int, ...] = ()
    is_folder: bool = False
    modified: float = 0.0
    problem: str | None = None
    folder: str = ""
    """Name of the folder that it stands in, where ``walk`` found it."""
    _children: dict[str, _Node] | None = None
    on_disk: bool = True

    @property
    def is_archive(self) -> bool:
        return not self.is_folder and not self.problem and self.name.lower().endswith(".zip")

    @property
    def is_program(self) -> bool:
        """Whether Python could pick it up; the course's own given code and toolbox left out."""
        own = self.name == _GIVEN or self.folder == _TOOLBOX
        return not self.is_folder and not own and self.name.lower().endswith(_PROGRAMS)

    def children(self) -> list[_Node]:
        """What the folder holds, by name; operating systems' clutter left out."""
        if self._children is None:
            self._children = {node.name: node for node in _listing(self.path)}
        nodes = sorted(self._children.values(), key=lambda node: node.name)
        return [n for n in nodes if n.name not in _IGNORED and not n.name.startswith("._")]

    def child(self, name: str) -> _Node | None:
        """The sub-folder of that name, upper and lower case alike."""
        for node in self.children():
            if node.is_folder and node.name.lower() == name.lower():
                return node
        return None

    def walk(self, depth: int = 0) -> Iterator[_Node]:
        """Every file below, folders that are named like notebooks too."""
        for node in self.children():
            if node.is_folder and not node.name.lower().endswith(".ipynb"):
                if depth < MAX_DEPTH:
                    yield from node.walk(depth + 1)
            else:
                node.folder = self.name
                yield node

    def as_file(self) -> File:
        problem = self.problem
        if self.is_folder:
            problem = f"{self.name}: a folder, not a notebook"
        return File(self.name, self.path, self.members, self.modified, problem)


def _listing(folder: Path) -> Iterator[_Node]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError as error:
            yield _Node(
                entry.name, Path(entry.path), problem=f"{entry.name}: {error.strerror or error}"
            )
            continue
        node = _Node(entry.name, Path(entry.path), modified=status.st_mtime)
        if stat.S_ISLNK(status.st_mode):
            node.problem = f"{entry.name}: a symbolic link, which is not followed"
        elif stat.S_ISDIR(status.st_mode):
            node.is_folder = True
        elif not stat.S_ISREG(status.st_mode):
            node.problem = f"{entry.name}: not a regular file"
        yield node


def _root(where: Path) -> _Node:
    if where.is_dir():
        if not os.access(where, os.R_OK | os.X_OK):
            raise UserError(f"{where}: no permission to read this folder")
        return _Node(where.name, where.resolve(), is_folder=True)
    if not where.exists():
        raise UserError(f"{where} does not exist; --submissions wants a folder or a zip")
    try:
        return _archive_tree(where.resolve(), ())
    except Unreadable as error:
        raise UserError(f"{where}: neither a folder nor a readable zip ({error})") from error


def _unwrapped(root: _Node, chapters: tuple[str, ...]) -> _Node:
    """Step into ``submitted/`` and into the one folder that holds all students' folders.

    A single folder in a single folder is one student's work, not a class.
    """
    inner = root.child("submitted")
    if inner is not None:
        # unless it is the folder of a student who is called that, with others beside it
        beside = (n for n in root.children() if n.is_folder and n.name.lower() not in _NBGRADERS)
        found = (_student_folder(node, chapters[0], chapters[1:]) for node in beside)
        if not any(handed is not None and handed.files for handed in found):
            return inner
    nodes = root.children()
    if len(nodes) != 1 or not nodes[0].is_folder:
        return root
    inside = nodes[0].children()
    students = all(
        (n.is_folder and not n.name.lower().endswith(".ipynb")) or n.is_archive for n in inside
    )
    of_chapters = any(nodes[0].child(name) is not None for name in chapters)
    return nodes[0] if len(inside) > 1 and students and not of_chapters else root


# -------------------------------------------------------------------------------- one student's work


def _student_folder(folder: _Node, chapter: str, others: tuple[str, ...]) -> HandedIn | None:
    moodle = _MOODLE.fullmatch(folder.name)
    name = moodle["student"] if moodle else folder.name
    own = folder.child(chapter)
    if own is None and any(folder.child(other) is not None for other in others):
        if not any(_rank(n.name, chapter, others) < 4 for n in folder.children()):
            return None  # nbgrader's layout, and nothing handed in for this chapter
    handed = _named(name)
    _collect(own or folder, handed, chapter, others)
    if own is not None and own.on_disk:
        handed.timestamp = _timestamp(own.path / "timestamp.txt")
    return handed


def _student_archive(node: _Node, chapter: str, others: tuple[str, ...]) -> HandedIn | None:
    name, _ = _lms_name(node.name)
    handed = _named(name if name is not None else PurePosixPath(node.name).stem)
    try:
        tree = _archive_tree(node.path, node.members)
    except Unreadable as error:
        handed.reason = f"{node.name}: {error}"
        return handed
    _note_bad_paths(tree, handed)
    _collect(tree, handed, chapter, others)
    return handed


def _loose_notebook(
    node: _Node, chapter: str, others: tuple[str, ...], where: Path
) -> HandedIn | None:
    """A notebook beside others: its name says whose it is."""
    student, original = _lms_name(node.name)
    rank = _rank(original, chapter, others)
    if student is None:
        if rank <= 2:
            raise UserError(
                f"{where} holds {line(node.name)} itself: it looks like one student's folder; give the "
                "folder above it, in which each student has one"
            )
        if rank > 4:
            return None
        stem = PurePosixPath(node.name).stem
        student = re.sub(re.escape(chapter), "", stem, flags=re.I).strip(" _-.()") or stem
    elif rank > 4:
        return None
    handed = _named(student)
    handed.files.append(node.as_file())
    return handed


def _lms_name(name: str) -> tuple[str | None, str]:
    """Whose file it is by Canvas's naming (None where it is not), and its name before that."""
    match = _CANVAS.fullmatch(name)
    return (f"{match['name']}_{match['user']}", match["file"]) if match else (None, name)


def _named(name: str) -> HandedIn:
    student = clean_student(name)
    handed = HandedIn(student)
    if student != name:
        handed.findings.append(
            Finding("renamed", f"handed in as {name!r}, graded as {student!r}: unsafe characters")
        )
    return handed


def _collect(folder: _Node, handed: HandedIn, chapter: str, others: tuple[str, ...]) -> None:
    """Put the folder's notebooks into ``handed``, the likeliest first."""
    files: list[File] = []
    programs: list[str] = []
    problem = folder.problem
    archives = 0
    for node in folder.walk():
        if node.name.lower().endswith(".ipynb"):
            files.append(node.as_file())
        elif node.is_program:
            programs.append(node.name)
        elif node.is_archive and len(node.members) < 2:
            archives += 1
            if archives > MAX_ARCHIVES:
                continue
            try:
                tree = _archive_tree(node.path, node.members)
            except Unreadable as error:
                handed.findings.append(Finding("archive", f"{node.name}: {error}"))
                continue
            _note_bad_paths(tree, handed)
            problem = problem or tree.problem
            inside = list(tree.walk())
            files += [n.as_file() for n in inside if n.name.lower().endswith(".ipynb")]
            programs += [n.name for n in inside if n.is_program]
    if archives > MAX_ARCHIVES:
        text = f"{archives} archives; only the first {MAX_ARCHIVES} were opened"
        handed.findings.append(Finding("archive", text))
    if programs:
        shown = ", ".join(programs[:10]) + (" …" if len(programs) > 10 else "")
        text = f"programs beside the notebook were handed in and not used: {shown}"
        handed.findings.append(Finding("files beside", text))
    files = [f for f in files if _rank(f.name, chapter, others) <= 4]
    files.sort(key=lambda f: (_rank(f.name, chapter, others), -f.modified, f.name, f.members))
    handed.files = files[:MAX_CANDIDATES]
    if not files:
        handed.reason = handed.reason or problem or "no notebook was handed in"


def _rank(name: str, chapter: str, others: tuple[str, ...] = ()) -> int:
    """How likely a file is the chapter's notebook, 0 the likeliest; 9 for what is another's."""
    stem = re.sub(r"(\.ipynb)+$", "", name, flags=re.I)
    if stem == chapter:
        return 0
    if stem.lower() == chapter.lower():
        return 1
    if re.fullmatch(re.escape(chapter) + _COPY, stem, re.I):
        return 2
    if chapter.lower() in stem.lower():
        return 3
    return 9 if any(other.lower() in stem.lower() for other in others) else 4


def _timestamp(path: Path) -> str | None:
    """What nbgrader wrote when it collected the work; nothing where that is damaged."""
    try:
        with open_plainly(path) as stream:
            return _read(stream, 1000, path.name).decode("ascii", "replace").strip() or None
    except Unreadable:
        return None


def _believe_timestamps(found: list[HandedIn]) -> None:
    """nbgrader writes a time of submission for everybody; where most have none, it is a student's
    own, who would rather not be late.
    """
    stamped = [handed for handed in found if handed.timestamp]
    if 2 * len(stamped) < len(found):
        for handed in stamped:
            handed.timestamp = None
            text = "timestamp.txt was not believed: most of the class have none"
            handed.findings.append(Finding("time of submission", text))


def _one_each(found: list[HandedIn]) -> Iterator[HandedIn]:
    """Keep two students apart whose cleaned names are equal.

    A name that needed no cleaning keeps its own, so that nobody takes another's by writing it with
    a dot or a blank before it.
    """
    seen: dict[str, int] = {}
    for handed in sorted(found, key=_was_renamed):
        # two names that differ in case only are one folder on macOS and Windows
        key = handed.student.casefold()
        seen[key] = seen.get(key, 0) + 1
        if seen[key] > 1:
            first = handed.student
            handed.student = f"{first}-{seen[key]}"
            handed.findings.append(
                Finding("renamed", f"another submission is called {first!r} too")
            )
        yield handed


def _was_renamed(handed: HandedIn) -> bool:
    return any(finding.kind == "renamed" for finding in handed.findings)


# -------------------------------------------------------------------------------------- archives


def _archive_tree(path: Path, members: tuple[int, ...]) -> _Node:
    """The members of a zip as a tree; those whose names lead out of it are left out."""
    archive = _archive(path, _stamp(path), members)
    root = _Node(path.name, path, is_folder=True, _children={}, on_disk=False)
    bad = 0
    for position, info in enumerate(archive.infolist()):
        name = info.filename.replace("\\", "/")
        parts = [part for part in name.split("/") if part not in ("", ".")]
        leads_out = name.startswith("/") or ".." in parts or ":" in name
        if leads_out or not parts or len(parts) > MAX_DEPTH + 2:
            bad += 1
            continue
        node = root
        folders = parts if name.endswith("/") else parts[:-1]
        for part in folders:
            inner = node._children.get(part)
            if inner is None or not inner.is_folder:
                inner = _Node(part, path, is_folder=True, _children={}, on_disk=False)
                node._children[part] = inner
            node = inner
        if folders is parts:
            continue
        leaf = _Node(parts[-1], path, (*members, position), on_disk=False)
        leaf.modified = _zip_time(info)
        if stat.S_ISLNK(info.external_attr >> 16):
            leaf.problem = f"{leaf.name}: a symbolic link, which is not followed"
        elif info.flag_bits & 1:
            leaf.problem = f"{leaf.name}: protected by a password"
        node._children[leaf.name] = leaf
    if bad:
        root.problem = f"{bad} members of the archive have paths that lead out of it"
    return root


def _note_bad_paths(tree: _Node, handed: HandedIn) -> None:
    if tree.problem:
        handed.findings.append(Finding("archive", tree.problem))


def _zip_time(info: zipfile.ZipInfo) -> float:
    year, month, day, hour, minute, second = info.date_time
    return ((((year * 13 + month) * 32 + day) * 24 + hour) * 60 + minute) * 60.0 + second


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size


@functools.lru_cache(maxsize=4)
def _archive(path: Path, stamp: tuple[int, int], members: tuple[int, ...]) -> zipfile.ZipFile:
    """The opened zip; ``stamp`` makes a changed file another one."""
    if members:
        outer = _archive(path, stamp, members[:-1])
        inner = _member(outer, outer.infolist()[members[-1]], MAX_ARCHIVE_BYTES)
        stream: IO[bytes] = io.BytesIO(inner)
    else:
        stream = open_plainly(path)
    try:
        # what zipfile would read into memory before it can be asked; no public way to know
        directory = zipfile._EndRecData(stream)
        if directory is not None and directory[zipfile._ECD_SIZE] > MAX_DIRECTORY_BYTES:
            raise Unreadable(f"a zip of more than {MAX_ARCHIVE_ENTRIES:,} members")
        archive = zipfile.ZipFile(stream)
    except Unreadable:
        stream.close()
        raise
    except Exception as error:  # of a damaged directory zipfile raises many kinds
        stream.close()
        raise Unreadable(f"a damaged zip: {error}") from error
    if len(archive.infolist()) > MAX_ARCHIVE_ENTRIES:
        archive.close()
        raise Unreadable(f"a zip of more than {MAX_ARCHIVE_ENTRIES:,} members")
    return archive


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int) -> bytes:
    name = PurePosixPath(info.filename).name
    if info.file_size > limit:
        raise Unreadable(_too_large(name, limit))
    try:
        with archive.open(info) as stream:
            return _read(stream, limit, name)
    except Unreadable:
        raise
    except Exception as error:  # zlib, lzma, bz2, struct and zipfile each have their own
        raise Unreadable(f"{name}: cannot be unpacked ({error})") from error


def _read(stream: IO[bytes], limit: int, name: str) -> bytes:
    """At most ``limit`` bytes, whatever the archive's directory claims."""
    try:
        data = stream.read(limit + 1)
    except OSError as error:
        raise Unreadable(f"{name}: {error.strerror or error}") from error
    if len(data) > limit:
        raise Unreadable(_too_large(name, limit))
    return data


def _too_large(name: str, limit: int) -> str:
    return f"{name}: larger than {limit // 2**20} MB"
