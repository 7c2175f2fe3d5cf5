"""nbgrader's own commands take our path, and go on working on what we wrote."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from class_work import (
    NAME,
    WRONG,
    answered,
    cell,
    changed,
    give_gradebook,
    hand_in,
    small_chapter,
)
from nbgrader.api import Gradebook
from nbgrader.utils import find_all_files

from autograder.course import Chapter, without_hidden_tests
from autograder.grading import nbgrader_plugins, recording
from autograder.grading.demo import released
from autograder.grading.grade_command import Options, grade_class
from autograder.grading.limits import Limits

HIDDEN = ("secret_input", "another_secret", "HIDDEN TESTS", "assert ")
LIMITS = Limits(cell=20, test=20, notebook=60)


def nbgrader(root: Path, *words: str) -> str:
    """Run one of nbgrader's commands in the course's folder; returns all that it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *words],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Chapter:
    """A course whose class was graded by `nbgrader autograde` with our nbgrader_config.py."""
    root = tmp_path_factory.mktemp("course")
    chapter = small_chapter(root)
    give_gradebook(root)
    shutil.copy(repository / "nbgrader_config.py", root)
    page = released(chapter)
    submissions = {
        "student-001": answered(page, written="Because <b>it</b> adds."),
        "student-002": answered(page, double=WRONG["double"]["adds_two"][1]),
        "student-003": page,
        "student-004": "{ damaged",
        "student-005": changed(answered(page), test_double="pass", double="def double(x): ..."),
        "student-006": answered(page, total="import os\n\nos._exit(1)\n"),
    }
    for student, submission in submissions.items():
        notebook = hand_in(root / "submitted" / student, NAME, submission)
        notebook.with_name("timestamp.txt").write_text("2026-01-01 12:00:00 UTC")
    beside(root / "submitted" / "student-002" / NAME, root)
    # a folder that is a link to somebody else's work
    hand_in(root / "elsewhere" / "student-007", NAME, answered(page))
    (root / "submitted" / "student-007").symlink_to(root / "elsewhere" / "student-007")
    nbgrader(root, "autograde", NAME)
    return chapter


def beside(folder: Path, root: Path) -> None:
    """Links to what is not the student's, and modules that would shadow others."""
    (folder / "sub").mkdir()
    (folder / "book.txt").symlink_to(root / "gradebook.db")
    (folder / "sub" / "source.txt").symlink_to(root / "solutions" / NAME / f"{NAME}.md")
    (folder / "sub" / "disk").symlink_to("/")
    (folder / "numpy.py").write_text("raise SystemExit")


EXPECTED = {
    "student-001": 5.0,
    "student-002": 3.0,
    "student-003": 0.0,
    "student-004": 0.0,
    "student-005": 3.0,
    "student-006": 2.0,
}


def scores(url: str) -> dict[str, float]:
    with Gradebook(url) as book:
        return {row["student"]: row["score"] for row in book.submission_dicts(NAME)}


def test_nbgraders_autograde_grades_damaged_and_hostile_work_as_we_do(course, tmp_path):
    root = course.course.root
    assert scores(recording.default_db(root)) == EXPECTED
    give_gradebook(tmp_path)
    options = Options(out=tmp_path, limits=LIMITS, jobs=1)
    grade_class(course, root / "submitted", options)
    assert scores(recording.default_db(tmp_path)) == EXPECTED
    for student in EXPECTED:
        ours, theirs = (
            nbformat.read(recording.notebook_path(course, out, student), as_version=4)
            for out in (tmp_path, root)
        )
        assert [c.source for c in ours.cells] == [c.source for c in theirs.cells]
        for name in course.exercises:
            test = f"test_{name}"
            assert cell(ours, test).outputs == cell(theirs, test).outputs


def test_what_nbgrader_graded_is_known_to_our_command_and_report(course):
    with Gradebook(recording.default_db(course.course.root)) as book:
        records = {r.student: r for r in recording.read_records(book, NAME)}
    assert {name: record.earned for name, record in records.items()} == EXPECTED
    assert "not JSON" in records["student-004"].reason
    assert {f.kind for f in records["student-005"].findings} == {"altered test"}
    options = Options(out=course.course.root, limits=LIMITS, jobs=1)
    summary = grade_class(course, course.course.root / "submitted", options)
    assert (summary.graded, summary.kept) == (0, 6)


def test_the_autograded_notebook_has_the_sources_tests(course):
    page = nbformat.read(
        recording.notebook_path(course, course.course.root, "student-005"), as_version=4
    )
    assert cell(page, "test_double").source == course.exercises["double"].test.rstrip("\n")
    assert "secret_input" in cell(page, "test_double").source


def test_nbgraders_generate_feedback_shows_no_hidden_test(course):
    root = course.course.root
    nbgrader(root, "generate_feedback", NAME, "--force")
    hidden = [
        line.strip()
        for exercise in course.exercises.values()
        for line in exercise.test.splitlines()
        if line.strip() and line not in without_hidden_tests(exercise.test).splitlines()
    ]
    assert len(hidden) > 6
    for student in EXPECTED:
        text = (root / "feedback" / student / NAME / f"{NAME}.html").read_text()
        for line in (*hidden, *HIDDEN):
            if line != "import numpy as np":  # the chapter's own imports have it too
                assert line not in text
        assert "<script" not in text
    second = (root / "feedback" / "student-002" / NAME / f"{NAME}.html").read_text()
    assert "double gives a wrong value" in second


def test_no_text_or_answer_of_the_source_is_copied_to_a_students_folder(course):
    """nbgrader copies files beside notebooks on to feedback/, which students get."""
    root = course.course.root
    nbgrader(root, "generate_feedback", NAME, "--student", "student-001", "--force")
    for step in ("autograded", "feedback"):
        kept = [p for p in (root / step).rglob("*") if p.is_file()]
        assert len(kept) >= 6
        assert {p.suffix for p in kept if p.name != "timestamp.txt"} <= {".ipynb", ".html"}
        stamped = sorted(p.parent.parent.name for p in kept if p.name == "timestamp.txt")
        assert stamped in ([], sorted(EXPECTED))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda place: place.symlink_to("/dev/zero"), "timestamp.txt is no regular file"),
        (lambda place: place.symlink_to("timestamp.txt"), "timestamp.txt is no regular file"),
        (os.mkfifo, "timestamp.txt is no regular file"),
        (lambda place: place.write_text("tomorrow at 99:99"), "timestamp.txt holds no time"),
        (lambda place: place.write_bytes(b"\xff" * 5000), "timestamp.txt holds no time"),
        (lambda place: place.write_text("2026-01-01 12:00:00 UTC"), None),
        (lambda place: (place.parent / NAME).symlink_to("/etc/passwd"), "00_small is no regular"),
    ],
)
def test_folders_that_nbgrader_must_not_touch_are_told(make, words, tmp_path):
    place = hand_in(tmp_path / "student-001", NAME, "{}").with_name("timestamp.txt")
    make(place)
    said = nbgrader_plugins._why_not_to_open(place.parent)
    assert said is None if words is None else words in said


def test_of_what_stands_beside_a_notebook_nbgrader_sees_the_timestamp_alone(tmp_path):
    names = "timestamp.txt timestamp.tx timestamp.txts t 00_small2 00_smal 0 .hidden [a] x.py zz"
    place = hand_in(tmp_path, NAME, "{}").parent
    for name in names.split():
        (place / name).write_text("")
    patterns = nbgrader_plugins._all_names_but({"timestamp.txt", NAME})
    assert find_all_files(str(place), patterns) == [str(place / "timestamp.txt")]


def test_nbgraders_other_commands_work_on_our_gradebook(course, tmp_path):
    root = course.course.root
    students = nbgrader(root, "db", "student", "list")
    assert all(student in students for student in EXPECTED)
    nbgrader(root, "export", "--to", str(tmp_path / "grades.csv"))
    with open(tmp_path / "grades.csv") as stream:
        rows = list(csv.DictReader(stream))
    exported = {r["student_id"]: float(r["score"]) for r in rows if r["assignment"] == NAME}
    assert exported == EXPECTED
