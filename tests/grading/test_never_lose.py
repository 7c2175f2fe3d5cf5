"""Whatever stops a batch, nothing is lost and nothing counts twice.

Kills 3 batches at random moments; ``AUTOGRADER_KILLS=50 pytest tests/grading/test_never_lose.py -s``
kills 50 and says when it hit what.
"""

from __future__ import annotations

import collections
import contextlib
import errno
import json
import os
import random
import shutil
import sqlite3
import threading
from pathlib import Path

import pytest
import sqlalchemy
from class_work import NAME, RIGHT, WRONG, answered, give_gradebook, hand_in, small_chapter
from fake_grader import make_fake_grader
from in_process import InProcess
from killing import Killer
from left_behind import everything
from nbgrader.api import Gradebook

from autograder.cli import main
from autograder.course import Chapter
from autograder.errors import UserError
from autograder.grading import gradebook as gradebooks
from autograder.grading import lock, recording, report
from autograder.grading.demo import released
from autograder.grading.grade_command import Options, Summary, grade_class

KILLS = int(os.environ.get("AUTOGRADER_KILLS", "3"))


@pytest.fixture
def chapter(tmp_path: Path) -> Chapter:
    made = small_chapter(tmp_path)
    give_gradebook(tmp_path)
    for student in ("student-001", "student-002"):
        hand_in(tmp_path / "class", student, answered(released(made)))
    return made


def grade(chapter: Chapter, **options) -> Summary:
    root = chapter.course.root
    options = Options(out=root, sandbox="none", **options)
    return grade_class(chapter, root / "class", options, make_fake_grader, InProcess)


# ------------------------------------------------------------------------------------ killed batches


def half_done(root: Path) -> None:
    """A graded class with a person's grade in it, of which a half has handed in again."""
    chapter = small_chapter(root)
    give_gradebook(root)
    page = released(chapter)
    for number in range(6):
        hand_in(root / "class", f"student-{number}", answered(page, written="Because."))
    grade(chapter)
    with Gradebook(recording.default_db(root)) as book:
        for student in ("student-1", "student-2"):
            book.find_grade("written_why", NAME, NAME, student).manual_score = 1.5
            book.find_comment("written_why", NAME, NAME, student).manual_comment = "Nice."
        book.db.commit()
    for number in range(2, 9):
        wrong = WRONG["double"]["adds_two"][1] if number % 2 else RIGHT["double"]
        own = answered(page, written=f"Because of {number}.", double=wrong)
        hand_in(root / "class", f"student-{number}", own)


def test_a_batch_killed_at_any_moment_ends_like_one_that_was_not(tmp_path):
    start = tmp_path / "start"
    half_done(start)
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    hits: collections.Counter[str] = collections.Counter()
    with Killer() as killer:
        undisturbed = tmp_path / "undisturbed"
        shutil.copytree(start, undisturbed)
        whole = killer.run(undisturbed)
        assert whole["code"] == 0
        expected = everything(undisturbed)
        assert len(expected["submissions"]) == 9
        kills = number = 0
        while kills < KILLS:
            root = tmp_path / f"killed-{number}"
            shutil.copytree(start, root)
            number += 1
            whom = "worker" if number % 5 == 0 else "batch"
            # at any moment, or at any one of those in which it writes, which are fewer
            writing = bool(number % 2)
            length = whole["seconds"] - (whole["before"] if writing else 0.0)
            first = killer.run(root, chance.uniform(0, length), whom, writing)
            kills += first["killed"]
            hits[f"{whom} killed" if first["killed"] else "came too late"] += 1
            if first["killed"] and whom == "batch":
                graded = number_recorded(root)
                hits["before it recorded" if graded == 0 else "among them"] += graded < 7
                hits["after it had recorded"] += graded == 7
            if chance.random() < 0.2:  # and once more, on the way back
                again = killer.run(root, chance.uniform(0, length), "batch", writing)
                hits["killed while resuming"] += again["killed"]
            last = killer.run(root)
            assert last["code"] == 0
            whole["seconds"] = max(0.5, (whole["seconds"] + last["seconds"]) / 2)
            whole["before"] = min(whole["seconds"], (whole["before"] + last["before"]) / 2)
            after = everything(root)
            assert after.keys() == expected.keys(), seed
            for name in expected:
                assert after[name] == expected[name], f"{name} (seed {seed}, kill {number})"
            shutil.rmtree(root)
    print(f"\n{KILLS} kills, seed {seed}: {dict(hits)}")


def number_recorded(root: Path) -> int:
    """How many of the class that handed in again have been recorded since."""
    with contextlib.closing(sqlite3.connect(root / "gradebook.db")) as book:
        rows = book.execute("SELECT student, details FROM autograder_record").fetchall()
    handed = {f"student-{number}" for number in range(2, 9)}
    return sum(
        who in handed and (bool(json.loads(details)["earlier"]) or who > "student-5")
        for who, details in rows
    )


def test_what_a_killed_batch_left_half_written_is_written_again(chapter):
    root = chapter.course.root
    grade(chapter)
    expected = everything(root)
    page = root / "feedback" / "student-001" / NAME / f"{NAME}.html"
    page.chmod(0o644)
    page.write_bytes(page.read_bytes()[:2000])
    notebook = recording.notebook_path(chapter, root, "student-002")
    notebook.with_name(f".{NAME}.ipynb.4711.part").write_text("{")
    notebook.unlink()
    assert grade(chapter).graded == 1
    assert everything(root) == expected


# ------------------------------------------------------------------------------- two batches at once


def test_a_second_batch_is_refused_and_told_who_is_at_work(chapter, tmp_path, capsys):
    root = chapter.course.root
    url = recording.default_db(root)
    words = ["grade", NAME, "--course", str(root), "--submissions", str(root / "class")]
    words += ["--sandbox", "none"]
    with lock.only_batch("autograder grade 02_bptt", root, url):
        assert main(words) == 2
        said = capsys.readouterr().err
        assert "another batch is writing to" in said and "`autograder grade 02_bptt`" in said
        assert f"process {os.getpid()}" in said and "since" in said and "run this command" in said
        # the same gradebook from another folder of results, and the same folder with another one
        for out, db_url in ((tmp_path / "out", url), (root, f"sqlite:///{tmp_path / 'other.db'}")):
            options = Options(out=out, sandbox="none", db_url=db_url)
            with pytest.raises(UserError, match="another batch"):
                grade_class(chapter, root / "class", options, make_fake_grader, InProcess)
    assert not (root / "autograded").exists()
    # the file that a batch leaves behind holds nobody up: the lock was the process's
    assert "02_bptt" in (root / ".gradebook.db.lock").read_text()
    assert grade(chapter).graded == 2


# ------------------------------------------------------- disks and databases that refuse, and mending


def full(*_, **__):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (recording, "replace_file"),
        (recording.os, "fsync"),
        (Path, "mkdir"),
        (report, "replace_file"),
    ],
    ids=["notebook", "half a notebook", "folder", "report"],
)
def test_a_full_disk_is_told_and_the_next_run_goes_on(module, name, chapter, monkeypatch, capsys):
    with monkeypatch.context() as patch:
        patch.setattr(module, name, full)
        with pytest.raises(
            UserError, match="No space left on device; make room on its disk and run"
        ):
            grade(chapter)
    assert len(scores(chapter)) == (2 if module is report else 0)
    assert not list(chapter.course.root.glob("autograded/**/*.part"))
    assert grade(chapter).submissions == 2
    assert scores(chapter) == {"student-001": 5.0, "student-002": 5.0}


@contextlib.contextmanager
def small_database(pages: int):
    """SQLite itself says that its disk is full once the file would grow by so many pages."""

    def limit(connection, _):
        now = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {now + pages}")

    sqlalchemy.event.listen(sqlalchemy.engine.Engine, "connect", limit)
    try:
        yield
    finally:
        sqlalchemy.event.remove(sqlalchemy.engine.Engine, "connect", limit)


def test_a_gradebook_whose_disk_is_full_keeps_what_it_has(chapter):
    grade(chapter)
    before = everything(chapter.course.root)
    long = "x = 0  # " + "and so on " * 3000
    for number in range(3, 9):
        own = answered(released(chapter), double=f"{RIGHT['double']}\n{long}")
        hand_in(chapter.course.root / "class", f"student-00{number}", own)
    with small_database(pages=1), pytest.raises(UserError, match="disk is full .make room"):
        grade(chapter)
    kept = scores(chapter)
    assert kept.items() >= dict.fromkeys(("student-001", "student-002"), 5.0).items()
    assert len(kept) < 8
    assert grade(chapter).graded == 8 - len(kept)
    after = everything(chapter.course.root)
    assert set(scores(chapter).values()) == {5.0} and len(scores(chapter)) == 8
    assert all(record in after["records"] for record in before["records"])


def test_a_gradebook_that_may_not_be_written_is_told_before_anything_is_graded(chapter):
    grade(chapter)
    before = everything(chapter.course.root)
    hand_in(chapter.course.root / "class", "student-003", answered(released(chapter)))
    file = chapter.course.root / "gradebook.db"
    with pytest.raises(UserError, match="readonly database .it may not be written to; see to"):
        grade(chapter, db_url=f"sqlite:///file:{file}?mode=ro&uri=true")
    after = everything(chapter.course.root)
    assert after == before
    assert grade(chapter).graded == 1


def scores(chapter: Chapter) -> dict[str, float]:
    with Gradebook(recording.default_db(chapter.course.root)) as book:
        return {row["student"]: row["score"] for row in book.submission_dicts(NAME)}


def execute(root: Path, *statements: str) -> None:
    with contextlib.closing(sqlite3.connect(root / "gradebook.db")) as book:
        for statement in statements:
            book.execute(statement)
        book.commit()


@pytest.mark.parametrize(
    ("damage", "words", "mend"),
    [
        (
            ["UPDATE alembic_version SET version_num = 'abcdef'"],
            "newer version of nbgrader .revision abcdef",
            ["UPDATE alembic_version SET version_num = '{head}'"],
        ),
        (
            ["UPDATE alembic_version SET version_num = '167914646830'"],
            "older version of nbgrader .revision 167914646830.*nbgrader db upgrade",
            ["UPDATE alembic_version SET version_num = '{head}'"],
        ),
        (
            ["DROP TABLE alembic_version", "ALTER TABLE grade RENAME extra_credit TO other"],
            "old version of nbgrader; bring it up to date with `nbgrader db upgrade",
            ["ALTER TABLE grade RENAME other TO extra_credit"],
        ),
    ],
    ids=["newer", "older", "much older"],
)
def test_a_gradebook_of_another_nbgrader_is_refused_until_it_is_mended(
    damage, words, mend, chapter
):
    root = chapter.course.root
    grade(chapter)
    before = everything(root)
    hand_in(root / "class", "student-003", answered(released(chapter)))
    execute(root, *damage)
    held = (root / "gradebook.db").read_bytes()
    with pytest.raises(UserError, match=words):
        grade(chapter)
    assert (root / "gradebook.db").read_bytes() == held
    execute(root, *(statement.format(head=gradebooks._revisions()[0]) for statement in mend))
    assert grade(chapter).graded == 1
    after = everything(root)
    assert all(record in after["records"] for record in before["records"])
    with contextlib.closing(sqlite3.connect(root / "gradebook.db")) as book:
        versions = book.execute("SELECT version_num FROM alembic_version").fetchall()
    assert versions == [(gradebooks._revisions()[0],)]


def test_what_is_no_gradebook_is_refused_and_left_as_it_is(chapter, tmp_path):
    root = chapter.course.root
    text = b"Dear diary, " * 1000
    (root / "gradebook.db").write_bytes(text)
    with pytest.raises(UserError, match="file is not a database .it is no SQLite database"):
        grade(chapter)
    assert (root / "gradebook.db").read_bytes() == text
    (root / "gradebook.db").unlink()
    execute(root, "CREATE TABLE recipes (title TEXT)")
    with pytest.raises(UserError, match="a database of something else .its tables: recipes"):
        grade(chapter)
    with contextlib.closing(sqlite3.connect(root / "gradebook.db")) as book:
        assert book.execute("SELECT name FROM sqlite_master").fetchall() == [("recipes",)]
    (root / "gradebook.db").unlink()
    # where there is none at all, or an empty file, one is made, and it is nbgrader's own
    (root / "gradebook.db").touch()
    assert grade(chapter).graded == 2
    assert scores(chapter) == {"student-001": 5.0, "student-002": 5.0}


def test_formgrader_may_write_at_the_same_time(chapter, monkeypatch):
    root = chapter.course.root
    grade(chapter)
    hand_in(root / "class", "student-003", answered(released(chapter)))
    other = sqlite3.connect(root / "gradebook.db", isolation_level=None, check_same_thread=False)
    with contextlib.closing(other):
        monkeypatch.setattr(gradebooks, "PATIENCE", 0.2)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(UserError, match="locked .another program is writing to it, formgrader"):
            grade(chapter)
        monkeypatch.undo()
        waiting = threading.Timer(1.0, other.execute, ["COMMIT"])
        waiting.start()
        assert grade(chapter).graded == 1
        waiting.join()
    assert len(scores(chapter)) == 3
