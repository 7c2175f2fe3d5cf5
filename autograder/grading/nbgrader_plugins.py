"""Lets ``nbgrader autograde`` itself, and formgrader's button for it, grade the way we do.

``nbgrader_config.py`` names these classes. nbgrader goes on choosing submissions, creating students
and writing files; what changes is how a notebook is read (``SubmissionExporter``: our intake) and
how it is run (``GradeInSandbox`` in the place of nbgrader's ``Execute``).
"""

from __future__ import annotations

import atexit
import functools
import os
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Dict, Enum

from autograder.course import Chapter, load_course
from autograder.errors import UserError
from autograder.grading import handed_in, intake, recording
from autograder.grading.grade_command import check_sandbox
from autograder.grading.limits import Limits
from autograder.grading.showing import cleaned


class SubmissionExporter(NotebookExporter):
    """Reads a submitted notebook with intake: nothing of it is trusted, nothing makes it fail."""

    submission: intake.Submission | None = None
    """The one that is being graded."""

    def __init__(self, **kw: Any):
        super().__init__(**kw)
        for path in getattr(self.parent, "assignments", {}):
            chapter = _chapter(self.parent.coursedir.root, Path(path).name)
            _enter(chapter, self.parent.coursedir.db_url)

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
