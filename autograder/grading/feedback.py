"""A feedback page per student, made by nbgrader's own ``generate_feedback``.

nbgrader finds the notebook, the scores and the comments; the exporter here writes the page. It
contains no script and allows none, shows a test's message and never a line of a test, and treats
everything that a student wrote as text.
"""

from __future__ import annotations

import contextlib
import functools
import glob
import html
import io
import logging
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup
from nbconvert.exporters import Exporter
from nbconvert.filters import markdown2html
from nbformat import NotebookNode
from nbgrader.preprocessors import GetGrades
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from traitlets.config import Config

from autograder import course as model
from autograder.course import Chapter
from autograder.grading import showing
from autograder.grading.batch import LocalScheduler
from autograder.grading.intake import NOTE_ID, OWN_PREFIX, nbgrader_config
from autograder.grading.readable import marked
from autograder.progress import progress

TEMPLATES = Path(__file__).parent / "templates"
MAX_HIGHLIGHTED = 50_000
FEW = 60
"""Up to so many pages are written in this process: another one takes seconds to start."""
_CODE = re.compile(r"`([^`\n]+)`")


class Grades(GetGrades):
    """nbgrader's scores and comments, and whether a person still has to give a grade."""

    def _get_score(self, cell: NotebookNode, resources: dict[str, Any]) -> None:
        super()._get_score(cell, resources)
        grade = self.gradebook.find_grade(
            cell.metadata.nbgrader["grade_id"],
            self.notebook_id,
            self.assignment_id,
            self.student_id,
        )
        waiting = grade.needs_manual_grade and grade.manual_score is None
        cell.metadata.nbgrader["waiting"] = bool(waiting)


class FeedbackExporter(Exporter):
    """Writes an autograded notebook as a page for its student.

    It needs no other preprocessor than one that fetches the scores, and hides the tests by itself.
    """

    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        nb, resources = super().from_notebook_node(nb, resources, **kw)
        page = environment().get_template("feedback.html").render(**_content(nb, resources))
        return page, resources


@dataclass(frozen=True)
class Pages:
    """Feedback pages of one chapter."""

    chapter: Chapter
    out: Path
    db_url: str

    def path(self, student: str) -> Path:
        """Where a student's page is written."""
        return self.out / "feedback" / student / self.chapter.name / f"{self.chapter.name}.html"

    def write(self, students: list[str], workers: int = 1) -> None:
        """Write these students' pages, on several processes where they are many."""
        bar = progress(total=len(students), what="feedback pages", unit="page")
        with bar:
            if len(students) <= FEW or workers == 1:
                for student in students:
                    self.write_one(student)
                    bar.update()
                return
            groups = [students[i : i + FEW] for i in range(0, len(students), FEW)]
            with LocalScheduler(workers=min(workers, len(groups))) as scheduler:
                for done in scheduler.run(self._write_group, groups):
                    if done.problem:
                        raise RuntimeError(f"feedback pages of {done.item}: {done.problem}")
                    bar.update(len(done.item))

    def _write_group(self, students: list[str]) -> None:
        for student in students:
            self.write_one(student)

    def write_one(self, student: str) -> bool:
        """Write one page; whether there is one now. A page that fails costs no other and no grade,
        it is told on standard error and the report has no link to it.
        """
        try:
            self._generate(student)
        except (
            Exception
        ) as error:  # nbgrader's converter raises one kind for all, others let through
            reason = error.__cause__ or error.__context__ or error
            print(f"no feedback page for {student}: {reason}", file=sys.stderr)
            return False
        return self.path(student).is_file()

    def _generate(self, student: str) -> None:
        """Let nbgrader's GenerateFeedback write the page."""
        from nbgrader.converters import GenerateFeedback
        from nbgrader.coursedir import CourseDirectory

        config = Config(nbgrader_config(self.chapter.course.root))
        config.merge(feedback_settings())
        config.CourseDirectory.root = str(self.out.resolve())
        config.CourseDirectory.db_url = self.db_url
        config.CourseDirectory.assignment_id = self.chapter.name
        config.CourseDirectory.student_id = glob.escape(student)
        with _silent():
            folder = CourseDirectory(config=config)
            converter = GenerateFeedback(coursedir=folder, config=config)
            converter.force = True
            converter.start()


def feedback_settings() -> Config:
    """What ``nbgrader_config.py`` says too: our exporter in nbgrader's generate_feedback."""
    config = Config()
    config.GenerateFeedback.exporter_class = FeedbackExporter
    config.GenerateFeedback.preprocessors = [Grades]
    return config


@functools.cache
def environment() -> jinja2.Environment:
    """Templates of the pages: everything put into them is escaped unless it is Markup."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )


def with_code(text: str) -> Markup:
    """Plain text as HTML: escaped, with `code` between backquotes."""
    return Markup(_CODE.sub(r"<code>\1</code>", html.escape(text)))


def _content(nb: NotebookNode, resources: dict[str, Any]) -> dict[str, Any]:
    about = resources.get("nbgrader", {})
    cells = [_cell(cell) for cell in nb.cells]
    return {
        "chapter": about.get("notebook", ""),
        "title": _title(nb) or about.get("notebook", ""),
        "student": about.get("student", ""),
        "score": about.get("score", 0.0),
        "max_score": about.get("max_score", 0.0),
        "penalty": about.get("late_penalty", 0.0),
        "cells": [cell for cell in cells if cell is not None],
        "graded": [cell for cell in cells if cell is not None and "points" in cell],
        "highlighting": HtmlFormatter(style="default").get_style_defs(".code"),
    }


def _title(nb: NotebookNode) -> str | None:
    for cell in nb.cells:
        if cell.cell_type == "markdown" and _of_the_chapter(cell):
            match = re.search(r"^# +(.+)$", cell.source, re.M)
            if match:
                return match[1].strip()
    return None


def _of_the_chapter(cell: NotebookNode) -> bool:
    """Whether a text is the chapter's: a student's heading must not pose as the page's own."""
    identity = cell.get("id", "")
    return identity != NOTE_ID and not identity.startswith(OWN_PREFIX)


def _cell(cell: NotebookNode) -> dict[str, Any] | None:
    """What the page shows of a cell; None for the chapter's own prose."""
    marks = cell.metadata.get("nbgrader", {})
    shown: dict[str, Any] = {"id": model.cell_id(cell) or cell.get("id", ""), "comment": None}
    if marks.get("comment"):
        shown["comment"] = _markdown(marks["comment"])
    if model.is_test(cell) or model.is_manual(cell):
        shown["points"] = float(marks.get("points", 0))
        shown["score"] = float(marks.get("score", 0))
        shown["waiting"] = bool(marks.get("waiting"))
    if model.is_test(cell):
        name = shown["id"].removeprefix(model.TEST_PREFIX)
        return {**shown, "kind": "test", "name": name, **_verdict(cell)}
    if model.is_manual(cell):
        # what nbgrader itself writes about a cell that nobody touched
        unanswered = marks.get("comment") == "No response."
        text = showing.plain(cell.source)
        written = {"name": shown["id"], "text": text, "unanswered": unanswered}
        return {**shown, "kind": "written", **written}
    if cell.cell_type == "code":
        if not cell.source.strip():
            return None
        kind = "answer" if model.is_solution(cell) else "code"
        code = marked(cell.source)
        return {
            **shown,
            "kind": kind,
            "summary": code.strip().splitlines()[0][:80],
            "code": _highlighted(code),
            "outputs": [_output(output) for output in cell.get("outputs", [])],
        }
    if cell.get("id") == NOTE_ID:
        return {**shown, "kind": "note", "text": _markdown(cell.source)}
    if not _of_the_chapter(cell):
        return None
    headings = re.findall(r"^#{2,4} +(.+)$", cell.source, re.M)
    return {**shown, "kind": "heading", "text": with_code(headings[-1])} if headings else None


def _verdict(cell: NotebookNode) -> dict[str, Any]:
    """What a test said. Tracebacks, which quote the test, are not looked at."""
    said: list[str] = []
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            said.append(showing.plain(output.get("evalue")) or "A test failed.")
        elif output.output_type == "display_data":
            said.append(showing.plain(output.get("data", {}).get("text/plain")))
    lines = "\n".join(said).strip().splitlines()
    return {
        "message": with_code(lines[0]) if lines else "",
        "advice": with_code("\n".join(lines[1:]).strip()),
    }


def _output(output: NotebookNode) -> dict[str, Any]:
    """One output of a student's cell, cleaned again: the notebook may be from anywhere."""
    cleaned = showing.shown([output])
    if not cleaned:
        return {"kind": "text", "text": ""}
    node = cleaned[0]
    if node.output_type == "stream":
        return {"kind": "stderr" if node.name == "stderr" else "text", "text": node.text}
    if node.output_type == "error":
        text = "\n".join(node.traceback) or f"{node.ename}: {node.evalue}"
        return {"kind": "error", "text": text}
    for image in ("image/png", "image/jpeg"):
        if image in node.data:
            words = node.data.get("text/plain", "a figure")
            return {
                "kind": "image",
                "source": f"data:{image};base64,{node.data[image]}",
                "alt": words,
            }
    if "text/html" in node.data:
        return {"kind": "html", "text": Markup(node.data["text/html"])}
    return {"kind": "text", "text": node.data.get("text/plain", "")}


def _markdown(text: str) -> Markup:
    """An instructor's comment, or our own note."""
    return Markup(showing.clean_html(markdown2html(text)))


def _highlighted(code: str) -> Markup:
    if len(code) > MAX_HIGHLIGHTED:
        return Markup(f"<pre>{html.escape(code)}</pre>")
    formatter = HtmlFormatter(cssclass="code")
    return Markup(highlight(code, PythonLexer(), formatter))


@contextlib.contextmanager
def _silent():
    """nbgrader logs every step as news; what fails raises."""
    log = logging.getLogger("traitlets")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        log.setLevel(level)
