"""nbgrader's own generate_assignment, run in this process on files of our choice."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.course import IMPORTS_TAG, cell_id, load_course
from autograder.errors import UserError

GOING_ON = "raises-exception"
"""The tag with which JupyterLab and nbclient run on after a cell that fails."""


def release(name: str, notebook: NotebookNode) -> NotebookNode:
    """The student's notebook: no solution, no hidden test, no output.

    name: the chapter, which is nbgrader's assignment and notebook. No gradebook is touched.
    Raises UserError where nbgrader refuses the notebook.
    """
    log = logging.getLogger("autograder.release")
    with tempfile.TemporaryDirectory(prefix="release-") as folder:
        said = _Collect()
        log.handlers, log.propagate = [said], False
        source = Path(folder) / "solutions" / name
        source.mkdir(parents=True)
        nbformat.write(notebook, source / f"{name}.ipynb")
        config = Config()
        config.CourseDirectory.root = folder
        config.CourseDirectory.course_id = "unrolled"
        config.CourseDirectory.source_directory = "solutions"
        config.CourseDirectory.release_directory = "course"
        config.CourseDirectory.assignment_id = name
        # what `nbgrader generate_assignment --no-db` sets
        config.GenerateAssignment.no_database = True
        config.SaveCells.enabled = False
        directory = CourseDirectory(config=config, log=log)
        converter = GenerateAssignment(coursedir=directory, config=config, log=log)
        try:
            converter.start()
        except (NbGraderException, SystemExit) as error:
            why = said.reason or str(error)
            raise UserError(f"{name}: nbgrader refuses to release it: {why}") from error
        released = nbformat.read(Path(folder) / "course" / name / f"{name}.ipynb", as_version=4)
    return going_on(released)


def going_on(notebook: NotebookNode) -> NotebookNode:
    """Tag the cells that are no exercise, so that "Run All" goes on where one of them fails.

    An experiment needs the functions of the exercises above it. While one of them is unwritten its
    cell shows an error; without the tag JupyterLab would stop there, before exercises that do not
    depend on it.
    """
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        if cell.cell_type == "code" and cell_id(cell) is None and IMPORTS_TAG not in tags:
            cell.metadata["tags"] = [*tags, GOING_ON] if GOING_ON not in tags else tags
    return notebook


def finish(*, assignment: str, **_: object) -> None:
    """nbgrader's ``post_convert_hook``: what its own release of a chapter lacks.

    Called by `nbgrader generate_assignment` and formgrader, in the course's folder, after they have
    written ``course/NN_name``. Adds the answer key and takes out what only the build needs.
    """
    # imported here, since the build itself imports this module
    from autograder.authoring.build import finish_release

    finish_release(load_course(Path.cwd()).chapters[assignment])


class _Collect(logging.Handler):
    """Keeps why nbgrader failed: the last line of the traceback that it logs."""

    reason = ""

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage().strip()
        if record.levelno >= logging.ERROR and "Traceback" in message:
            self.reason = message.splitlines()[-1]
