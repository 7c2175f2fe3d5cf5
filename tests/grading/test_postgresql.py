"""The gradebook in PostgreSQL: graded, stopped, gone on with, reported on, exported."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy
from class_work import NAME, WRONG, answered, give_gradebook, hand_in, small_chapter
from fake_grader import make_fake_grader
from in_process import InProcess
from left_behind import everything
from nbgrader.api import Gradebook
from postgres import find_programs, server

from autograder.cli import main
from autograder.course import Chapter
from autograder.errors import UserError
from autograder.grading import lock, recording
from autograder.grading.demo import released
from autograder.grading.grade_command import Options, Summary, grade_class


@pytest.fixture(scope="module")
def urls() -> Iterator[str]:
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed here (make postgresql)")
    with server(programs) as url:
        yield url


@pytest.fixture
def db_url(urls: str, request: pytest.FixtureRequest) -> str:
    """An empty database."""
    name = f"t{abs(hash(request.node.name))}"
    engine = sqlalchemy.create_engine(urls.format("postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return urls.format(name)


@pytest.fixture
def chapter(tmp_path: Path) -> Chapter:
    made = small_chapter(tmp_path)
    page = released(made)
    for number in range(5):
        own = answered(page, double=WRONG["double"]["squares"][1]) if number == 2 else None
        hand_in(tmp_path / "class", f"student-{number}", own or answered(page, "Because."))
    hand_in(tmp_path / "class", "student-5", "{")
    return made


def grade(chapter: Chapter, out: Path, db_url: str | None = None, **options) -> Summary:
    options = Options(out=out, sandbox="none", db_url=db_url, **options)
    return grade_class(chapter, chapter.course.root / "class", options, make_fake_grader, InProcess)


def stop_after(count: int, monkeypatch: pytest.MonkeyPatch, how) -> None:
    """Let something happen in the middle of recording the submission after so many."""
    replace = recording.replace_file
    written = []

    def replacing(path: Path, *rest, **options) -> None:
        written.append(path)
        if len(written) == count + 1:
            how()
        replace(path, *rest, **options)

    monkeypatch.setattr(recording, "replace_file", replacing)


class Stop(BaseException):
    """Stands for Ctrl-C, which pytest would take for its own."""


def interrupt() -> None:
    raise Stop


def test_a_class_is_graded_stopped_gone_on_with_reported_and_exported(
    chapter, db_url, tmp_path, monkeypatch, capsys
):
    there, here = tmp_path / "there", tmp_path / "here"
    with monkeypatch.context() as patch, pytest.raises(Stop):
        stop_after(3, patch, interrupt)
        grade(chapter, there, db_url)
    assert grade(chapter, there, db_url).graded == 3
    here.mkdir()
    give_gradebook(here)
    grade(chapter, here)
    assert everything(there, db_url) == everything(here)
    # a person grades, the next batch keeps it, and both commands read it
    with Gradebook(db_url) as book:
        book.find_grade("written_why", NAME, NAME, "student-0").manual_score = 1.5
        book.db.commit()
    assert grade(chapter, there, db_url, force=True).graded == 6
    with Gradebook(db_url) as book:
        scores = {row["student"]: row["score"] for row in book.submission_dicts(NAME)}
    assert scores == {
        "student-0": 6.5, "student-1": 5.0, "student-2": 3.0, "student-3": 5.0,
        "student-4": 5.0, "student-5": 0.0,
    }  # fmt: skip
    course = ["--course", str(tmp_path), "--db", db_url]
    assert main(["report", NAME, *course, "--out", str(there), "--jobs", "1"]) == 0
    assert "student-5" in (there / "report" / f"{NAME}.html").read_text("utf-8")
    table = tmp_path / "all.csv"
    assert main(["export", NAME, *course, "--format", "csv", "--out", str(table)]) == 0
    with open(table, encoding="utf-8", newline="") as stream:
        rows = {row["student_id"]: float(row["score"]) for row in csv.DictReader(stream)}
    assert rows == scores


def test_a_server_that_goes_away_is_told_and_the_next_run_goes_on(
    chapter, db_url, tmp_path, monkeypatch
):
    engine = sqlalchemy.create_engine(db_url, isolation_level="AUTOCOMMIT")

    def end_connections() -> None:
        with engine.connect() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    with monkeypatch.context() as patch:
        stop_after(2, patch, end_connections)
        with pytest.raises(UserError, match="(?s)refused: .*terminat.*run the same command again"):
            grade(chapter, tmp_path / "out", db_url)
    engine.dispose()
    assert grade(chapter, tmp_path / "out", db_url).graded == 4


def test_a_second_batch_is_refused_from_anywhere(chapter, db_url, tmp_path):
    with lock.only_batch("autograder grade 02_bptt", tmp_path / "class", db_url):
        with pytest.raises(UserError, match=f"grade 02_bptt: {os.getpid()} of .* on .*, since "):
            grade(chapter, tmp_path / "elsewhere", db_url)
    assert grade(chapter, tmp_path / "elsewhere", db_url).graded == 6


def test_another_nbgraders_gradebook_and_another_database_are_refused(chapter, db_url, tmp_path):
    engine = sqlalchemy.create_engine(db_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE recipes (title TEXT)")
    with pytest.raises(UserError, match="database of something else .its tables: recipes"):
        grade(chapter, tmp_path / "out", db_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE recipes")
    grade(chapter, tmp_path / "out", db_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '167914646830'")
    engine.dispose()
    with pytest.raises(UserError, match="older version of nbgrader"):
        grade(chapter, tmp_path / "out", db_url)


def test_a_server_that_does_not_answer_is_told_without_the_password(chapter, tmp_path):
    url = f"postgresql://grader:secret@/none?host={tmp_path}"
    with pytest.raises(UserError, match="see that the server runs") as error:
        grade(chapter, tmp_path / "out", url)
    assert "secret" not in str(error.value)
