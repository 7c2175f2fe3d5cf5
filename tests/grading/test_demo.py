"""`autograder demo` makes a class up, grades it for real and says where to look."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from class_work import NAME, give_gradebook, small_chapter
from nbgrader.api import Gradebook

from autograder.cli import main
from autograder.course import Chapter
from autograder.grading import demo, recording

STUDENTS = 9


@pytest.fixture(scope="module")
def chapter(tmp_path_factory: pytest.TempPathFactory) -> Chapter:
    return small_chapter(tmp_path_factory.mktemp("course"))


def test_the_same_seed_makes_the_same_class(chapter, tmp_path):
    page = demo.released(chapter)
    classes = [
        demo.make_class(chapter, page, tmp_path / name, 40, seed)
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    ]
    assert classes[0] == classes[1] != classes[2]
    for one in classes[0]:
        for first in (tmp_path / "a" / one.student).rglob("*.ipynb"):
            second = tmp_path / "b" / first.relative_to(tmp_path / "a")
            assert first.read_bytes() == second.read_bytes()
    assert {one.kind for one in classes[0]} >= {
        "all right",
        "unsolved",
        "damaged",
        "crash",
        "mixed",
    }
    answers = {answer for one in classes[0] for answer in one.answers.values()}
    assert {"right", "unsolved", "wrong/adds_two", "wrong/takes_the_mean"} <= answers


def test_made_up_answers_stand_in_the_released_notebook(chapter):
    exercise = chapter.exercises["double"]
    codes = demo.answer_codes(exercise)
    assert set(codes) == {"right", "wrong/adds_two", "wrong/squares"}
    assert "SOLUTION" not in codes["right"] and "2 * np.asarray(x)" in codes["right"]
    page = demo.filled(demo.released(chapter), {"double": codes["wrong/squares"]}, "A text.")
    nbformat.validate(page)
    assert "HIDDEN" not in json.dumps(page)
    assert [c.source for c in page.cells if c.id == "written_why"] == ["A text."]


def test_a_demo_grades_its_class_and_goes_on_with_it(chapter, tmp_path, capsys):
    out = tmp_path / "demo"
    words = ["demo", NAME, "--course", str(chapter.course.root), "--out", str(out)]
    words += ["--students", str(STUDENTS), "--jobs", "1"]
    made = demo.make_class(chapter, demo.released(chapter), tmp_path / "made", STUDENTS)
    assert main(words) == 0
    said = capsys.readouterr().out
    report = out / "report" / f"{NAME}.html"
    assert str(report) in said and report.is_file()
    assert f"{STUDENTS} graded now" in said
    with Gradebook(recording.default_db(out)) as book:
        scores = {row["student"]: row["score"] for row in book.submission_dicts(NAME)}
        records = {r.student: r for r in recording.read_records(book, NAME)}
    points = {name: exercise.points for name, exercise in chapter.exercises.items()}
    for one in made:
        readable = one.kind not in ("damaged", "empty")
        right = [name for name, answer in one.answers.items() if answer.startswith("right")]
        assert scores[one.student] == (sum(points[name] for name in right) if readable else 0.0)
        assert bool(records[one.student].reason) == (not readable)
        page = out / "feedback" / one.student / NAME / f"{NAME}.html"
        assert page.is_file()
    crashed = next(one.student for one in made if one.kind == "crash")
    assert any("process ended" in event.text for event in records[crashed].events)
    assert not (chapter.course.root / "gradebook.db").exists()
    # called again it goes on where it was; another class replaces it
    assert main(words) == 0
    assert "(0 graded now" in capsys.readouterr().out


def test_another_demo_replaces_the_last_one_and_nothing_else(chapter, tmp_path):
    first = demo.scratch_course(chapter.course, tmp_path / "demo", students=5)
    give_gradebook(first.root)
    again = demo.scratch_course(chapter.course, tmp_path / "demo", students=5)
    assert (again.root / "gradebook.db").is_file()
    demo.scratch_course(chapter.course, tmp_path / "demo", students=6)
    assert not (again.root / "gradebook.db").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(Exception, match="something else"):
        demo.scratch_course(chapter.course, tmp_path / "mine", students=5)
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"


def test_the_scratch_course_is_a_course(chapter, tmp_path):
    made = demo.scratch_course(chapter.course, tmp_path / "demo", students=5)
    assert Path(made.chapters[NAME].source).is_file()
    assert made.chapters[NAME].released_notebook.is_file()
    assert made.root == tmp_path / "demo"
