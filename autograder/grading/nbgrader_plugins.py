"""Lets ``nbgrader autograde`` itself, and formgrader's button for it, grade the way we do.

``nbgrader_config.py`` names these classes. nbgrader goes on choosing submissions, creating students
and writing files; what changes is how a notebook is read (``SubmissionExporter``: our intake) and
how it is run (``GradeInSandbox`` in the place of nbgrader's ``Execute``).
"""

from __future__ import annotations

import atexit
import functools
import os
import stat
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import parse_utc
from traitlets import Dict, Enum

from autograder.course import Chapter, load_course
from autograder.errors import UserError
from autograder.grading import handed_in, intake, recording
from autograder.grading.grade_command import check_sandbox
from autograder.grading.limits import Limits
from autograder.grading.showing import cleaned

_TIMESTAMP = "timestamp.txt"


class SubmissionExporter(NotebookExporter):
    """Reads a submitted notebook with intake: nothing of it is trusted, nothing makes it fail."""

    submission: intake.Submission | None = None
    """The one that is being graded."""

    def __init__(self, **kw: Any):
        super().__init__(**kw)
        assignments = getattr(self.parent, "assignments", {})
        for path in list(assignments):
            chapter = _chapter(self.parent.coursedir.root, Path(path).name)
            _enter(chapter, self.parent.coursedir.db_url)
            if trouble := _why_not_to_open(Path(path)):
                self.parent.log.error("%s: %s. It is not graded.", path, trouble)
                del assignments[path]
        if assignments:
            # nbgrader copies what stands beside a notebook as far as into feedback/, follows links
            # in doing so, and lets notebooks be opened in between; our own command copies nothing
            folder = self.parent.coursedir
            kept = {_TIMESTAMP, *(Path(path).name for path in assignments)}
            folder.ignore = [*folder.ignore, *_all_names_but(kept)]

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        about = (resources or {}).get("nbgrader", {})
        folder = self.parent.coursedir
        submitted = folder.format_path(
            folder.submitted_directory, about["student"], about["assignment"]
        )
        if os.path.realpath(os.path.dirname(filename)) != os.path.realpath(submitted):
            return super().from_filename(filename, resources, **kw)
        form = _form(folder.root, about["assignment"])
        others = tuple(name for name in form.chapter.course.chapters if name != form.chapter.name)
        given = handed_in.of_student(Path(submitted).parent, form.chapter.name, others)
        self.submission = intake.read(given, form)
        return self.from_notebook_node(self.submission.notebook, resources, **kw)


class GradeInSandbox(NbGraderPreprocessor):
    """Runs a student's notebook in our sandbox and the tests outside of it."""

    sandbox = Enum(
        ["bwrap", "none"],
        default_value="bwrap",
        help="`none` runs students' code with your rights and your files in its reach",
    ).tag(config=True)
    limits = Dict(help="limits of one submission, like {'cell': 60, 'memory': 4 * 2**30}").tag(
        config=True
    )

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        chapter = _chapter(self.parent.parent.coursedir.root, resources["nbgrader"]["assignment"])
        submission: intake.Submission = self.parent.submission
        outcome = None
        if submission.reason is None:
            check_sandbox(self.sandbox)
            grader = _grader(chapter.course.root, self.sandbox, Limits(**self.limits))
            outcome = cleaned(grader.grade(chapter, list(submission.cells)))
        graded = recording.Graded(submission, outcome, seconds=outcome.seconds if outcome else 0.0)
        results = recording.exercise_results(graded, chapter)
        resources["autograder"] = recording.make_record(graded, results)
        return recording.executed_notebook(submission, outcome, results, chapter), resources


class KeepRecord(NbGraderPreprocessor):
    """Keeps beside nbgrader's scores what the instructor's page is made of. Stands last."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        chapter = _chapter(self.parent.parent.coursedir.root, resources["nbgrader"]["assignment"])
        source = recording.source_digest(chapter)
        key = recording.grading_key(source, self.parent.submission.digest)
        gradebook = recording.open_gradebook(resources["nbgrader"]["db_url"], self.config)
        try:
            with gradebook.engine.begin() as connection:
                recording.write_record(connection, chapter.name, key, resources["autograder"])
        finally:
            gradebook.close()
        return nb, resources


def _why_not_to_open(folder: Path) -> str | None:
    """Why nbgrader must not touch a student's folder, or None: it follows links and stops at a
    time of submission that it cannot read.
    """
    for place in (folder.parent, folder):
        if place.is_symlink():
            return f"{place.name} is a symbolic link"
    for where, folders, files in os.walk(folder):
        for name in (*folders, *files):
            if name in (_TIMESTAMP, folder.name):
                kind = os.lstat(os.path.join(where, name)).st_mode
                if not stat.S_ISREG(kind) and not (name in folders and stat.S_ISDIR(kind)):
                    return f"{name} is no regular file"
    try:
        with handed_in.open_plainly(folder / _TIMESTAMP) as stream:
            parse_utc(stream.read(1000).decode("ascii").strip() or "2000-01-01")
    except handed_in.Unreadable:
        return None  # there is none
    except (ValueError, OverflowError):
        return f"{_TIMESTAMP} holds no time"
    return None


def _all_names_but(kept: set[str]) -> list[str]:
    """Glob patterns that match every name except these, in whose letters no pattern can be."""
    patterns = [".*", *(f"{name}?*" for name in kept)]
    starts = {name[:length] for name in kept for length in range(len(name))}
    for start in starts:
        following = "".join(
            {name[len(start)] for name in kept if name.startswith(start) and name != start}
        )
        patterns.append(f"{start}[!{following}]*")
        if start and start not in kept:
            patterns.append(start)
    return patterns


def _chapter(root: str, name: str) -> Chapter:
    return _form(root, name).chapter


@functools.lru_cache(maxsize=4)
def _form(root: str, name: str) -> intake.GradedForm:
    return intake.GradedForm(load_course(Path(root)).select([name])[0])


@functools.lru_cache(maxsize=4)
def _enter(chapter: Chapter, db_url: str) -> None:
    """nbgrader wants an assignment in the gradebook before it grades it."""
    form = _form(str(chapter.course.root), chapter.name)
    with recording.Recorder(form, chapter.course.root, db_url):
        pass


@functools.lru_cache(maxsize=1)
def _grader(root: Path, sandbox: str, limits: Limits) -> Any:
    """One Grader for all submissions of this process."""
    from autograder.grading.session import Grader

    grader = Grader(load_course(root), sandbox=sandbox, limits=limits)
    try:
        grader.__enter__()
    except OSError as error:
        raise UserError(f"the sandbox cannot be started: {error}") from error
    atexit.register(grader.__exit__, None, None, None)
    return grader
