"""`autograder demo` makes a class up, grades it for real and says where to look."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from class_work import NAME, give_gradebook, small_chapter
from fake_grader import FakeGrader
from nbgrader.api import Gradebook

from autograder.cli import main
from autograder.course import Chapter
from autograder.errors import UserError
from autograder.grading import demo, intake, recording
from autograder.grading.handed_in import of_student
from autograder.grading.intake import GradedForm
from autograder.grading.lock import only_batch
from autograder.grading.replay import ReplayGrader

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
    with only_batch("autograder grade", again.root, recording.default_db(again.root)):
        with pytest.raises(UserError, match="another batch is writing to"):
            demo.scratch_course(chapter.course, tmp_path / "demo", students=6)
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


class Counting(FakeGrader):
    """Counts what it executes, in one place for all of its kind."""

    executed = 0

    def grade(self, chapter, cells):
        type(self).executed += 1
        return super().grade(chapter, cells)


def test_a_large_class_is_made_of_few_notebooks_each_executed_once(chapter, tmp_path):
    folder = tmp_path / "submitted"
    made = demo.make_class(chapter, demo.released(chapter), folder, 60, distinct=6, sound=True)
    assert len({str(sorted(one.answers.items())) for one in made}) <= 6
    assert len({one.student for one in made}) == 60
    form = GradedForm(chapter)
    outcomes = {}
    with ReplayGrader(Counting, tmp_path / "executed") as grader:
        for one in made:
            submission = intake.read(of_student(folder / one.student, NAME), form)
            outcome = grader.grade(chapter, submission.cells)
            assert outcomes.setdefault(submission.cells, outcome) == outcome
    assert Counting.executed == len(outcomes) == len(list((tmp_path / "executed").iterdir()))
    # another worker, or the next batch, reads them from where they were left
    with ReplayGrader(Counting, tmp_path / "executed") as grader:
        assert grader.grade(chapter, submission.cells) == outcome
    assert Counting.executed == len(outcomes)


def test_the_command_says_that_results_are_replayed_and_exports_them(chapter, tmp_path, capsys):
    out = tmp_path / "demo"
    words = ["demo", NAME, "--course", str(chapter.course.root), "--out", str(out)]
    words += ["--students", "12", "--distinct", "3", "--jobs", "1"]
    assert main([*words, "--sandbox", "none"]) == 0
    said = capsys.readouterr().out
    assert "12 students hand in 3 distinct notebooks" in said and "replayed" in said
    assert "12 graded now" in said and not (out / "feedback").exists()
    for name in ("canvas", "moodle", "csv"):
        assert (out / f"{name}.csv").read_text("utf-8").count("student-") >= 12
    assert len(list((out / ".executed").iterdir())) <= 3
