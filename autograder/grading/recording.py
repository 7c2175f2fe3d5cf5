"""Recording: the only writer of the gradebook and of ``autograded/``.

One submission is one transaction: nbgrader's scores and our own record of the grading stand in the
same database and are committed together, after the executed notebook has taken its place. A batch
that is stopped anywhere therefore leaves each submission either as it was or completely graded, and
the record's key says on the next run which of the two.
"""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import datetime
import errno
import functools
import hashlib
import json
import logging
import os
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import sqlalchemy as sql
from nbformat import NotebookNode
from nbformat.v4 import new_output
from sqlalchemy.orm import scoped_session, sessionmaker
from traitlets.config import Config

from autograder import course as model
from autograder.course import Chapter
from autograder.errors import UserError
from autograder.grading import gradebook as gradebooks
from autograder.grading import showing
from autograder.grading.gradebook import database_errors, default_db, open_gradebook
from autograder.grading.handed_in import Finding, HandedIn
from autograder.grading.intake import GradedForm, Submission, nbgrader_config
from autograder.grading.outcome import Outcome

# raise it when a change of the grader can change a score: everything is then graded again
RULES = 1

_RECORDS = sql.Table(
    "autograder_record",
    sql.MetaData(),
    sql.Column("assignment", sql.String(128), primary_key=True),
    sql.Column("student", sql.String(128), primary_key=True),
    sql.Column("key", sql.String(64), nullable=False),
    sql.Column("graded_at", sql.DateTime(), nullable=False),
    sql.Column("details", sql.Text(), nullable=False),
)
_EXPLAINED = {
    "missing": "There is no answer to this exercise in the notebook.",
    "timeout": "It took longer than the time allowed.",
    "died": "The process that ran the notebook died.",
    "unreadable": "The notebook could not be read.",
    "ungraded": "Not graded yet: a person has to look at this submission.",
}


@dataclass(frozen=True)
class ExerciseResult:
    """What one exercise of one submission came to."""

    points: float
    earned: float
    status: str
    """One of ``session.Status``, or ``unreadable``, or ``ungraded`` where the grader failed."""
    message: str = ""
    """What a student reads: which part is off. Never a line of a test."""
    diagnosis: str | None = None
    """Name of the known mistake that it is, or None."""
    advice: str = ""
    """What ``check`` says of it, or the known mistake's explanation."""


@dataclass(frozen=True)
class Graded:
    """A submission with the outcome of its execution, on the way to being recorded."""

    submission: Submission
    outcome: Outcome | None
    """None where nothing was run: unreadable, or the grader itself failed on it."""
    problem: str | None = None
    """Why the grader failed on it, for a person to look at."""
    seconds: float = 0.0
    notice: str = ""
    """What whoever runs the batch should know of the way it was run."""


@dataclass(frozen=True)
class Record:
    """What is known of one graded submission, as the report reads it."""

    student: str
    graded_at: datetime.datetime
    exercises: dict[str, ExerciseResult]
    findings: list[Finding]
    events: list[Finding] = field(default_factory=list)
    """What happened while it ran: limits reached, deaths."""
    reason: str | None = None
    """Why it could not be read."""
    problem: str | None = None
    """Why the grader could not grade it."""
    answered: list[str] = field(default_factory=list)
    """Written questions that have an answer to be graded by a person."""
    seconds: float = 0.0
    digest: str = ""
    """Of what was handed in: a later one is another attempt."""
    earlier: list[float] = field(default_factory=list)
    """Points of the tests of each earlier attempt that was graded, the first one first."""

    @property
    def earned(self) -> float:
        return sum(result.earned for result in self.exercises.values())

    @property
    def possible(self) -> float:
        return sum(result.points for result in self.exercises.values())


def source_digest(chapter: Chapter) -> str:
    """Hash of what an instructor writes for a chapter and of the grading rules."""
    digest = hashlib.sha256(f"{RULES}\0{chapter.name}\0".encode())
    answers = sorted((chapter.folder / "answers").rglob("*.py"))
    for file in (chapter.source, chapter.given_file, *answers):
        if file.is_file():
            digest.update(file.relative_to(chapter.folder).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def grading_key(source: str, submission: str) -> str:
    """What a grade depends on, from the digests of the source and of the submission."""
    return hashlib.sha256(f"{source}\0{submission}".encode()).hexdigest()


def exercise_results(graded: Graded, chapter: Chapter) -> dict[str, ExerciseResult]:
    """Results by exercise, those of an outcome that cannot be had filled in."""
    submission, outcome = graded.submission, graded.outcome
    results: dict[str, ExerciseResult] = {}
    for name, exercise in chapter.exercises.items():
        found = outcome.exercises.get(name) if outcome is not None else None
        if submission.reason is not None:
            result = ExerciseResult(exercise.points, 0.0, "unreadable")
        elif found is None:
            status = "missing" if name in submission.missing else "ungraded"
            result = ExerciseResult(exercise.points, 0.0, status)
        else:
            # points come from the source and no outcome can exceed them
            earned = min(max(float(found.earned), 0.0), exercise.points)
            message = showing.plain(found.message, 2000)
            known = known_mistakes(chapter)[name].get(found.diagnosis or "", "")
            result = ExerciseResult(
                points=exercise.points,
                earned=earned,
                status=found.status,
                message=message,
                diagnosis=found.diagnosis if known else None,
                advice=known or showing.plain(found.advice, 2000),
            )
        if not result.message and result.status in _EXPLAINED:
            result = dataclasses.replace(result, message=_EXPLAINED[result.status])
        results[name] = result
    return results


def executed_notebook(
    submission: Submission,
    outcome: Outcome | None,
    results: dict[str, ExerciseResult],
    chapter: Chapter,
) -> NotebookNode:
    """The rebuilt notebook with outputs, which nbgrader's own rules score as ``results`` says."""
    notebook = copy.deepcopy(submission.notebook)
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        if model.is_test(cell):
            name = model.cell_id(cell).removeprefix(model.TEST_PREFIX)
            cell.outputs = test_outputs(results[name])
        elif outcome is not None and (ran := outcome.cells.get(cell.id)) is not None:
            cell.outputs = [nbformat.from_dict(output) for output in ran.outputs]
            cell.execution_count = ran.execution_count
    return notebook


def test_outputs(result: ExerciseResult) -> list[NotebookNode]:
    """Outputs of a test cell: ``determine_grade`` reads ``result.earned`` off them.

    Nothing of the test itself is in them, only the message and the known mistake's explanation.
    """
    said = "\n".join(part for part in (result.message, result.advice) if part)
    if result.earned >= result.points and result.status == "passed":
        return []
    if result.earned > 0:
        told = [new_output("display_data", data={"text/plain": said})] if said else []
        return [
            *told,
            new_output("execute_result", data={"text/plain": repr(float(result.earned))}),
        ]
    name = {"failed": "Failed", "error": "Error"}.get(result.status, result.status.capitalize())
    trace = [f"{name}: {said}" if said else name]
    return [new_output("error", ename=name, evalue=said, traceback=trace)]


@functools.lru_cache(maxsize=8)
def known_mistakes(chapter: Chapter) -> dict[str, dict[str, str]]:
    """What a student reads of each known mistake: exercise, name of the mistake, text."""
    return {
        name: {answer.name: answer.diagnosis for answer in exercise.wrong}
        for name, exercise in chapter.exercises.items()
    }


class Recorder:
    """Writes a chapter's graded submissions into one gradebook and one ``autograded/`` folder."""

    def __init__(self, form: GradedForm, out: Path, db_url: str | None = None):
        """Open the gradebook (made where there is none) and enter the chapter into it.

        Raises UserError where the database cannot be had or the chapter's cells have changed since
        submissions were recorded.
        """
        self.chapter = form.chapter
        self.out = out
        self.config: Config = nbgrader_config(self.chapter.course.root)
        self.db_url = db_url or default_db(out)
        self._digest = source_digest(self.chapter)
        with self._database_errors():
            self.gradebook = open_gradebook(self.db_url, self.config)
            gradebooks.add_indexes(self.gradebook)
            _RECORDS.create(self.gradebook.engine, checkfirst=True)
            self._enter_chapter(form.notebook)
            self._keys = self._recorded_keys()
            self._cell_names = self._names_of_cells()

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *_: object) -> None:
        self.gradebook.close()

    def key(self, digest: str) -> str:
        """What a grade depends on: the submission, the source and the rules."""
        return grading_key(self._digest, digest)

    def is_recorded(self, handed: HandedIn) -> bool:
        """Whether exactly this submission has been graded by exactly these rules."""
        known = self._keys.get(handed.student)
        if known is None or not self.notebook_path(handed.student).is_file():
            return False  # without reading what was handed in
        return known == self.key(handed.digest())

    def notebook_path(self, student: str) -> Path:
        """Where the student's executed notebook stands."""
        return notebook_path(self.chapter, self.out, student)

    def save(self, graded: Graded) -> Record:
        """Record one graded submission, completely or not at all."""
        submission = graded.submission
        results = exercise_results(graded, self.chapter)
        notebook = executed_notebook(submission, graded.outcome, results, self.chapter)
        record = make_record(graded, results)
        with self._database_errors(), self._transaction() as session:
            timestamp = self._save_scores(submission, notebook, results)
            write_record(session, self.chapter.name, self.key(submission.digest), record)
            session.flush()
            # the notebook first: were we stopped here, the old key would have it graded again
            with file_errors(self.notebook_path(submission.student)):
                self._save_files(submission.student, notebook, timestamp)
        self._keys[submission.student] = self.key(submission.digest)
        return record

    def records(self) -> list[Record]:
        """Every record of the chapter, by student."""
        with self._database_errors():
            return read_records(self.gradebook, self.chapter.name)

    # ------------------------------------------------------------------------------- the gradebook

    def _enter_chapter(self, notebook: NotebookNode) -> None:
        from nbgrader.preprocessors import SaveCells

        name = self.chapter.name
        self.gradebook.update_or_create_assignment(name, course_id=self.gradebook.course_id)
        where = {"nbgrader": {"notebook": name, "assignment": name, "db_url": self.db_url}}
        try:
            with _quiet():
                SaveCells(config=self.config).preprocess(copy.deepcopy(notebook), where)
        except RuntimeError as error:
            raise UserError(
                f"the graded cells of {name} changed after submissions were recorded in "
                f"{gradebooks.shown(self.db_url)}. Grade into a new gradebook (--db URL), or take the chapter "
                f"out of this one first: nbgrader db assignment remove {name} --force"
            ) from error

    def _recorded_keys(self) -> dict[str, str]:
        """Keys by student, of students whose submission is in the gradebook too."""
        from nbgrader.api import Assignment, SubmittedAssignment

        here = (
            sql.select(SubmittedAssignment.student_id)
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .where(Assignment.name == self.chapter.name)
        )
        rows = sql.select(_RECORDS.c.student, _RECORDS.c.key).where(
            _RECORDS.c.assignment == self.chapter.name, _RECORDS.c.student.in_(here)
        )
        with self.gradebook.engine.connect() as connection:
            return {row.student: row.key for row in connection.execute(rows)}

    def _names_of_cells(self) -> dict[str, str]:
        """Names of the chapter's cells by their ids in the gradebook, which a batch never changes."""
        from nbgrader.api import BaseCell

        entry = self.gradebook.find_notebook(self.chapter.name, self.chapter.name)
        query = sql.select(BaseCell.id, BaseCell.name).where(BaseCell.notebook_id == entry.id)
        with self.gradebook.engine.connect() as connection:
            return {row.id: row.name for row in connection.execute(query)}

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[Any]:
        """One transaction, whatever nbgrader's API commits within it."""
        book = self.gradebook
        ordinary = book.db
        with book.engine.begin() as connection:
            session = scoped_session(
                sessionmaker(
                    bind=connection,
                    join_transaction_mode="rollback_only",
                    # nbgrader commits at every step, and would read everything anew after each
                    expire_on_commit=False,
                )
            )
            book.db = session
            try:
                with _quiet():
                    yield session
            finally:
                session.remove()
                book.db = ordinary

    def _save_scores(
        self, submission: Submission, notebook: NotebookNode, results: dict[str, ExerciseResult]
    ) -> str | None:
        """Scores, comments and late penalty, by nbgrader's own preprocessors."""
        from nbgrader.preprocessors import SaveAutoGrades

        book, name, student = self.gradebook, self.chapter.name, submission.student
        book.update_or_create_student(student)
        timestamp, when = _parsed(submission.timestamp)
        known = {} if when is None else {"timestamp": when}
        assignment = book.update_or_create_submission(name, student, **known)
        row = book.find_submission_notebook(name, name, student)
        saver = SaveAutoGrades(config=self.config)
        saver.notebook_id = saver.assignment_id = name
        saver.student_id, saver.db_url = student, self.db_url
        saver.gradebook = _OneSubmission(row, self._cell_names)
        for position, cell in enumerate(notebook.cells):
            saver.preprocess_cell(cell, {}, position)
        for grade in row.grades:
            name_of_cell = self._cell_names[grade.cell_id]
            exercise = results.get(name_of_cell.removeprefix(model.TEST_PREFIX))
            if exercise is not None and exercise.status == "ungraded":
                grade.needs_manual_grade = True
        book.db.flush()
        self._save_penalty(assignment, row)
        return timestamp

    def _save_penalty(self, assignment: Any, row: Any) -> None:
        from nbgrader.preprocessors import AssignLatePenalties

        row.late_submission_penalty = None
        late = assignment.total_seconds_late
        if late <= 0:
            return
        step = AssignLatePenalties(config=self.config)
        step.init_plugin()
        score = sum(_score(grade) for grade in row.grades)
        penalty = step.plugin_inst.late_submission_penalty(assignment.student_id, score, late)
        if penalty is not None:
            row.late_submission_penalty = max(0.0, min(float(penalty), score))

    # ----------------------------------------------------------------------------------- the files

    def _save_files(self, student: str, notebook: NotebookNode, timestamp: str | None) -> None:
        path = self.notebook_path(student)
        path.parent.mkdir(parents=True, exist_ok=True)
        for left in path.parent.glob(".*.part"):  # by a batch that was killed at this place
            left.unlink()
        # were we stopped before it is written again, it would tell of the submission before
        feedback_path(self.chapter, self.out, student).unlink(missing_ok=True)
        replace_file(path, nbformat.writes(notebook), mode=0o444)
        if timestamp is not None:
            replace_file(path.parent / "timestamp.txt", timestamp, mode=0o444)

    def _database_errors(self) -> contextlib.AbstractContextManager[None]:
        return database_errors(self.db_url)


class _OneSubmission:
    """Answers nbgrader's look-ups of one submission from memory instead of six joins each.

    It writes nothing at nbgrader's commits, one for each cell: our transaction does at its end.
    """

    def __init__(self, row: Any, names: dict[str, str]):
        self.db = self
        self._grades = {names[grade.cell_id]: grade for grade in row.grades}
        self._comments = {names[comment.cell_id]: comment for comment in row.comments}

    def commit(self) -> None:
        pass

    def find_grade(self, name: str, *_: str) -> Any:
        return self._grades[name]

    def find_comment(self, name: str, *_: str) -> Any:
        return self._comments[name]


def notebook_path(chapter: Chapter, out: Path, student: str) -> Path:
    """Where nbgrader expects a student's executed notebook."""
    return out / "autograded" / student / chapter.name / f"{chapter.name}.ipynb"


def feedback_path(chapter: Chapter, out: Path, student: str) -> Path:
    """Where nbgrader writes a student's feedback page."""
    return out / "feedback" / student / chapter.name / f"{chapter.name}.html"


@contextlib.contextmanager
def file_errors(path: Path) -> Iterator[None]:
    """Turn what a disk raises while something is written there into a sentence."""
    try:
        yield
    except OSError as error:
        remedy = "see to its disk"
        if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", None), errno.EFBIG):
            remedy = "make room on its disk"
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            remedy = "see to the rights of its folder"
        raise UserError(
            f"{error.filename or path} cannot be written: {error.strerror or error}; {remedy} and "
            "run the same command again; what was graded is kept"
        ) from error


def read_records(gradebook: Any, chapter: str) -> list[Record]:
    """The chapter's records, by student; none where nothing was graded yet."""
    return list(each_record(gradebook, chapter))


def each_record(gradebook: Any, chapter: str) -> Iterator[Record]:
    """The chapter's records, by student, a few in memory at a time."""
    if not sql.inspect(gradebook.engine).has_table(_RECORDS.name):
        return
    query = sql.select(_RECORDS).where(_RECORDS.c.assignment == chapter)
    with gradebook.engine.connect().execution_options(yield_per=200) as connection:
        for row in connection.execute(query.order_by(_RECORDS.c.student)):
            yield _read_record(row)


def replace_file(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a file so that a reader, or a crash, never sees half of it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(temporary, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def make_record(graded: Graded, results: dict[str, ExerciseResult]) -> Record:
    """What is kept of a graded submission beside nbgrader's scores."""
    submission, outcome = graded.submission, graded.outcome
    events = [
        Finding(event.kind, showing.plain(f"{event.where}: {event.text}".lstrip(": "), 500))
        for event in (outcome.events if outcome else [])
    ]
    return Record(
        student=submission.student,
        graded_at=datetime.datetime.now(datetime.UTC).replace(tzinfo=None, microsecond=0),
        exercises=results,
        findings=list(submission.findings),
        events=events,
        reason=submission.reason,
        problem=graded.problem,
        answered=[name for name, text in submission.written.items() if text.strip()],
        seconds=round(graded.seconds, 3),
        digest=submission.digest,
    )


def write_record(session: Any, chapter: str, key: str, record: Record) -> None:
    """Put a record in the place of the student's last one, within the caller's transaction."""
    mine = (_RECORDS.c.assignment == chapter) & (_RECORDS.c.student == record.student)
    before = session.execute(sql.select(_RECORDS).where(mine)).first()
    record = dataclasses.replace(record, earlier=_attempts_before(before, record))
    details = asdict(record)
    del details["student"], details["graded_at"]
    row = {
        "assignment": chapter,
        "student": record.student,
        "key": key,
        "graded_at": record.graded_at,
        "details": json.dumps(details),
    }
    session.execute(sql.delete(_RECORDS).where(mine))
    session.execute(sql.insert(_RECORDS).values(row))


def _attempts_before(row: Any, record: Record) -> list[float]:
    """Points of the attempts before this one; grading the same work again is no new attempt."""
    if row is None:
        return []
    last = _read_record(row)
    return last.earlier if last.digest in ("", record.digest) else [*last.earlier, last.earned]


def _read_record(row: Any) -> Record:
    details = json.loads(row.details)
    details["exercises"] = {n: ExerciseResult(**r) for n, r in details["exercises"].items()}
    for list_of in ("findings", "events"):
        details[list_of] = [Finding(**finding) for finding in details[list_of]]
    return Record(student=row.student, graded_at=row.graded_at, **details)


def _score(grade: Any) -> float:
    """nbgrader's rule for one cell's score, before the database has computed it."""
    base = grade.manual_score if grade.manual_score is not None else grade.auto_score
    return 0.0 if base is None else base + (grade.extra_credit or 0.0)


def _parsed(timestamp: str | None) -> tuple[str | None, datetime.datetime | None]:
    """A time of submission that nbgrader can read, or nothing."""
    from nbgrader.utils import parse_utc

    if timestamp is None:
        return None, None
    try:
        return timestamp, parse_utc(timestamp)
    except (ValueError, OverflowError, TypeError):
        return None, None


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without the warnings of SQLAlchemy and the log lines that nbgrader itself causes."""
    # nbgrader logs a database's error with a traceback, besides raising it
    quieter = {"traitlets": logging.ERROR, "tornado.application": logging.CRITICAL}
    logs = [(logging.getLogger(name), level) for name, level in quieter.items()]
    before = [log.level for log, _ in logs]
    for log, level in logs:
        log.setLevel(level)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", sql.exc.SAWarning)
            yield
    finally:
        for (log, _), level in zip(logs, before, strict=True):
            log.setLevel(level)
