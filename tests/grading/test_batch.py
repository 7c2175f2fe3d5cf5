"""A batch ends whatever its submissions do, loses nothing when it is stopped, repeats nothing."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
import sqlalchemy
from class_work import (
    NAME,
    RIGHT,
    WRONG,
    answered,
    cell,
    changed,
    give_gradebook,
    hand_in,
    small_chapter,
)
from fake_grader import FakeGrader, make_fake_grader
from in_process import InProcess
from nbgrader.api import Gradebook

from autograder.cli import main
from autograder.course import Chapter, load_course
from autograder.errors import UserError
from autograder.grading import batch, recording
from autograder.grading.demo import released
from autograder.grading.grade_command import Options, Summary, grade_class

DIES = "import os\n\nos._exit(3)\n"
UNSOLVED = {"double": "raise NotImplementedError()", "total": "raise NotImplementedError()"}


@pytest.fixture
def chapter(tmp_path: Path) -> Chapter:
    made = small_chapter(tmp_path)
    give_gradebook(tmp_path)
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "class"


def grade(chapter: Chapter, folder: Path, **options) -> Summary:
    options = Options(out=chapter.course.root, sandbox="none", **options)
    return grade_class(chapter, folder, options, make_fake_grader, InProcess)


@contextlib.contextmanager
def gradebook(chapter: Chapter):
    with Gradebook(recording.default_db(chapter.course.root)) as book:
        yield book


def scores(chapter: Chapter) -> dict[str, float]:
    with gradebook(chapter) as book:
        return {row["student"]: row["score"] for row in book.submission_dicts(NAME)}


def small_class(chapter: Chapter, folder: Path) -> None:
    """Five students: all right, one known mistake, nothing, a damaged file, one answer short."""
    page = released(chapter)
    hand_in(folder, "student-001", answered(page, written="Because."))
    hand_in(folder, "student-002", answered(page, double=WRONG["double"]["adds_two"][1]))
    hand_in(folder, "student-003", page)
    hand_in(folder, "student-004", "{")
    hand_in(folder, "student-005", answered(page, total="def total(x):\n    return x.nothing\n"))


EXPECTED = {
    "student-001": 5.0,
    "student-002": 3.0,
    "student-003": 0.0,
    "student-004": 0.0,
    "student-005": 2.0,
}


# ------------------------------------------------------------------------------------ the gradebook


def test_scores_are_in_nbgraders_gradebook(chapter, folder):
    small_class(chapter, folder)
    summary = grade(chapter, folder)
    assert scores(chapter) == EXPECTED
    assert {record.student: record.earned for record in summary.records} == EXPECTED
    with gradebook(chapter) as book:
        first = book.find_grade("test_total", NAME, NAME, "student-001")
        assert (first.auto_score, first.max_score, first.needs_manual_grade) == (3.0, 3.0, False)
        written = book.find_grade("written_why", NAME, NAME, "student-001")
        assert (written.auto_score, written.needs_manual_grade) == (None, True)
        unanswered = book.find_grade("written_why", NAME, NAME, "student-002")
        assert (unanswered.auto_score, unanswered.needs_manual_grade) == (0.0, False)
        assert book.find_assignment(NAME).max_score == 7.0
        assert book.find_comment("total", NAME, NAME, "student-003").auto_comment == "No response."


def test_nbgraders_own_rule_reads_the_same_score_off_the_executed_notebook(chapter, folder):
    from nbgrader.utils import determine_grade

    small_class(chapter, folder)
    half = RIGHT["total"] + "\n\ntotal.share = 0.5\n"
    hand_in(folder, "student-006", answered(released(chapter), total=half))
    for record in grade(chapter, folder).records:
        path = recording.notebook_path(chapter, chapter.course.root, record.student)
        page = nbformat.read(path, as_version=4)
        nbformat.validate(page)
        for name, result in record.exercises.items():
            assert determine_grade(cell(page, f"test_{name}"))[0] == result.earned
    assert record.exercises["total"].earned == 1.5
    assert scores(chapter)["student-006"] == 3.5


def test_the_executed_notebook_shows_outputs_but_no_line_of_a_test(chapter, folder):
    small_class(chapter, folder)
    grade(chapter, folder)
    path = recording.notebook_path(chapter, chapter.course.root, "student-002")
    page = nbformat.read(path, as_version=4)
    assert "an experiment: [3.]" in str([c.outputs for c in page.cells if c.cell_type == "code"])
    failed = cell(page, "test_double").outputs
    assert "double gives a wrong value" in str(failed)
    assert WRONG["double"]["adds_two"][0] in str(failed)
    assert "secret_input" not in str(failed)


def test_a_manual_grade_and_comment_are_kept_when_graded_again(chapter, folder):
    small_class(chapter, folder)
    grade(chapter, folder)
    with gradebook(chapter) as book:
        written = book.find_grade("written_why", NAME, NAME, "student-001")
        written.manual_score = 1.5
        by_hand = book.find_grade("test_total", NAME, NAME, "student-005")
        by_hand.manual_score = 2.0
        book.find_comment("written_why", NAME, NAME, "student-001").manual_comment = "Nice."
        book.db.commit()
    grade(chapter, folder, force=True)
    assert scores(chapter) == {**EXPECTED, "student-001": 6.5, "student-005": 4.0}
    with gradebook(chapter) as book:
        comment = book.find_comment("written_why", NAME, NAME, "student-001")
        assert comment.manual_comment == "Nice."


def test_late_penalties_are_nbgraders(chapter, tmp_path):
    (tmp_path / "nbgrader_config.py").write_text(
        "c = get_config()\nc.LateSubmissionPlugin.penalty_method = 'zero'\n"
    )
    for student, when in (("student-001", "2026-01-01"), ("student-002", "2026-03-01")):
        place = tmp_path / "submitted" / student / NAME
        hand_in(place.parent, NAME, answered(released(chapter)))
        (place / "timestamp.txt").write_text(f"{when} 12:00:00 UTC")
    grade(chapter, tmp_path / "submitted")
    with gradebook(chapter) as book:
        book.update_or_create_assignment(NAME, duedate="2026-02-01 00:00:00 UTC")
    grade(chapter, tmp_path / "submitted", force=True)
    with gradebook(chapter) as book:
        early = book.find_submission_notebook(NAME, NAME, "student-001")
        late = book.find_submission_notebook(NAME, NAME, "student-002")
        assert early.late_submission_penalty is None
        assert late.late_submission_penalty == 5.0
    text = recording.notebook_path(chapter, tmp_path, "student-002").with_name("timestamp.txt")
    assert text.read_text() == "2026-03-01 12:00:00 UTC"


def test_a_damaged_timestamp_is_no_timestamp(chapter, tmp_path):
    place = tmp_path / "submitted" / "student-001" / NAME
    hand_in(place.parent, NAME, answered(released(chapter)))
    (place / "timestamp.txt").write_text("yesterday, around noon 99:99")
    grade(chapter, tmp_path / "submitted")
    assert scores(chapter) == {"student-001": 5.0}


def test_another_gradebook_can_be_named(chapter, folder, tmp_path):
    small_class(chapter, folder)
    url = f"sqlite:///{tmp_path / 'other.db'}"
    options = Options(out=tmp_path / "out", sandbox="none", db_url=url)
    summary = grade_class(chapter, folder, options, make_fake_grader, InProcess)
    assert summary.report == tmp_path / "out" / "report" / f"{NAME}.html"
    assert scores(chapter) == {}
    with Gradebook(url) as book:
        assert len(book.submission_dicts(NAME)) == 5


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("not a url", "SQLAlchemy URL"),
        ("nosuch://host/db", "driver"),
        ("sqlite:////nowhere/at/all.db", "/nowhere/at/.all.db.lock cannot be written"),
    ],
)
def test_a_gradebook_that_cannot_be_had_is_told_in_a_sentence(url, words, chapter, folder):
    small_class(chapter, folder)
    with pytest.raises(UserError, match=words):
        grade(chapter, folder, db_url=url)


def test_a_chapter_whose_exercises_changed_is_refused_with_what_to_do(chapter, folder):
    small_class(chapter, folder)
    grade(chapter, folder)
    text = chapter.source.read_text().replace("written_why", "written_how")
    chapter.source.write_text(text)
    with pytest.raises(UserError, match="nbgrader db assignment remove"):
        grade(chapter, folder)
    assert scores(chapter) == EXPECTED


# ----------------------------------------------------------------- grading again, and after a stop


def test_a_second_run_grades_nothing_and_a_new_submission_alone_is_graded(chapter, folder):
    small_class(chapter, folder)
    assert (grade(chapter, folder).graded, grade(chapter, folder).graded) == (5, 0)
    better = changed(answered(released(chapter)), written_why="Now I see.")
    hand_in(folder, "student-003", better)
    hand_in(folder, "student-006", better)
    again = grade(chapter, folder)
    assert (again.graded, again.kept) == (2, 4)
    assert scores(chapter) == {**EXPECTED, "student-003": 5.0, "student-006": 5.0}


def test_only_and_force_choose_what_is_graded(chapter, folder):
    small_class(chapter, folder)
    grade(chapter, folder)
    assert grade(chapter, folder, force=True).graded == 5
    assert grade(chapter, folder, force=True, only=("student-002",)).graded == 1
    with pytest.raises(UserError, match="student-999"):
        grade(chapter, folder, only=("student-999",))


def test_a_changed_test_grades_everybody_again(chapter, folder):
    small_class(chapter, folder)
    grade(chapter, folder)
    chapter.source.write_text(chapter.source.read_text().replace("== 7.0", "== 7.5"))
    # the course is read again, as the next command would
    chapter = load_course(chapter.course.root).chapters[NAME]
    assert grade(chapter, folder).graded == 5
    assert scores(chapter)["student-001"] == 2.0


def test_a_lost_notebook_or_a_removed_submission_is_graded_again(chapter, folder):
    small_class(chapter, folder)
    grade(chapter, folder)
    recording.notebook_path(chapter, chapter.course.root, "student-001").unlink()
    with gradebook(chapter) as book:
        book.remove_submission(NAME, "student-002")
    assert grade(chapter, folder).graded == 2
    assert scores(chapter) == EXPECTED


def test_an_error_while_recording_leaves_the_submission_as_it_was(chapter, folder, monkeypatch):
    small_class(chapter, folder)
    grade(chapter, folder)
    before = dump(chapter)
    for student in EXPECTED:
        hand_in(folder, student, answered(released(chapter)))

    def failing(path, text, mode=0o644):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(recording, "replace_file", failing)
    with pytest.raises(UserError, match="No space left on device; make room"):
        grade(chapter, folder)
    assert dump(chapter) == before
    monkeypatch.undo()
    assert grade(chapter, folder).graded == 5
    assert set(scores(chapter).values()) == {5.0}


def dump(chapter: Chapter) -> list[tuple]:
    """Everything in the gradebook that does not differ from run to run."""
    with sqlite3.connect(chapter.course.root / "gradebook.db") as book:
        return book.execute(
            "SELECT student.id, base_cell.name, auto_score, manual_score, needs_manual_grade "
            "FROM grade JOIN base_cell ON base_cell.id = grade.cell_id "
            "JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id "
            "JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id "
            "JOIN student ON student.id = submitted_assignment.student_id ORDER BY 1, 2"
        ).fetchall()


STOPPED = """
import sys
from pathlib import Path

from class_work import NAME
from fake_grader import make_fake_grader

from autograder.course import load_course
from autograder.grading.grade_command import Options, grade_class

if __name__ == "__main__":
    root = Path(sys.argv[1])
    chapter = load_course(root).chapters[NAME]
    options = Options(out=root, sandbox="none", jobs=2)
    grade_class(chapter, root / "class", options, make_fake_grader)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_stopped_batch_goes_on_where_it_was(number, chapter, folder, tmp_path):
    slow = "import time\n\ntime.sleep(0.2)\n"
    page = released(chapter)
    for student in range(12):
        own = answered(page, total=slow + RIGHT["total"])
        hand_in(folder, f"student-{student:03d}", own)
    script = tmp_path / "stopped.py"
    script.write_text(STOPPED)
    helpers = str(Path(__file__).parent / "helpers")
    environment = {**os.environ, "PYTHONPATH": helpers, "STOPPED_BATCH": str(tmp_path)}
    process = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path)], env=environment, stderr=subprocess.DEVNULL
    )
    until = time.monotonic() + 60
    while len(list(tmp_path.glob("autograded/*/*/*.ipynb"))) < 3:
        assert time.monotonic() < until and process.poll() is None
        time.sleep(0.02)
    process.send_signal(number)
    process.wait(30)
    assert_no_worker_is_left(tmp_path)
    done = len(list(tmp_path.glob("autograded/*/*/*.ipynb")))
    summary = grade(chapter, folder)
    assert 3 <= done < 12
    # at most the one that was being recorded is graded a second time
    assert 12 - done <= summary.graded <= 12 - done + 1
    assert set(scores(chapter).values()) == {5.0} and len(scores(chapter)) == 12
    with sqlite3.connect(tmp_path / "gradebook.db") as book:
        assert book.execute("SELECT count(*) FROM submitted_assignment").fetchone() == (12,)
        assert book.execute("SELECT count(*) FROM grade").fetchone() == (36,)
    assert not list(tmp_path.glob("autograded/**/*.part"))


def assert_no_worker_is_left(folder: Path) -> None:
    """Workers carry the mark of the batch that started them in their environment."""
    mark = f"STOPPED_BATCH={folder}".encode()
    until = time.monotonic() + 15
    while True:
        left = []
        for entry in Path("/proc").glob("[0-9]*/environ"):
            with contextlib.suppress(OSError):
                if mark in entry.read_bytes():
                    left.append(entry.parent.name)
        if not left:
            return
        assert time.monotonic() < until, f"still running: {left}"
        time.sleep(0.1)


# --------------------------------------------------------------------------------- worker processes


def test_a_dying_worker_is_replaced_and_its_submission_goes_to_a_person(chapter, folder):
    page = released(chapter)
    hand_in(folder, "student-001", answered(page))
    hand_in(folder, "student-002", answered(page, total=DIES))
    hand_in(folder, "student-003", answered(page))
    options = Options(out=chapter.course.root, sandbox="none", jobs=2)
    summary = grade_class(chapter, folder, options, make_fake_grader)
    assert scores(chapter) == {"student-001": 5.0, "student-002": 0.0, "student-003": 5.0}
    (person,) = summary.needing_a_person
    assert (person.student, "died, twice" in person.problem) == ("student-002", True)
    with gradebook(chapter) as book:
        grade_of = book.find_grade("test_total", NAME, NAME, "student-002")
        assert grade_of.needs_manual_grade


def double(number: int) -> int:
    return 2 * number


def sleep_or_double(number: int) -> int:
    time.sleep(60 if number == 1 else 0)
    return 2 * number


def fail_on_two(number: int) -> int:
    if number == 2:
        raise ValueError("two")
    return number


def cannot(number: int) -> int:
    raise UserError("no sandbox here")


@pytest.fixture(scope="module")
def scheduler():
    with batch.LocalScheduler(workers=2) as scheduler:
        yield scheduler


def test_a_scheduler_yields_one_result_for_each_item(scheduler):
    results = {done.item: done.result for done in scheduler.run(double, range(7))}
    assert results == {number: 2 * number for number in range(7)}


def test_a_scheduler_yields_what_failed_too_and_passes_on_what_a_person_has_to_mend(scheduler):
    failed = {done.item: done.problem for done in scheduler.run(fail_on_two, range(4))}
    assert failed == {0: None, 1: None, 2: "ValueError: two", 3: None}
    with pytest.raises(UserError, match="no sandbox here"):
        list(scheduler.run(cannot, range(3)))


def test_a_scheduler_takes_items_only_as_it_needs_them(scheduler):
    taken = []

    def items():
        for number in range(50):
            taken.append(number)
            yield number

    for count, _ in enumerate(scheduler.run(double, items()), start=1):
        assert len(taken) <= count + 4
    assert len(taken) == 50


def test_a_hanging_worker_is_ended_at_its_deadline():
    with batch.LocalScheduler(workers=2, deadline=4.0) as scheduler:
        results = {done.item: done for done in scheduler.run(sleep_or_double, range(3))}
    assert results[0].result == 0 and results[2].result == 4
    assert "no answer within 4 seconds" in results[1].problem


class Refusing(FakeGrader):
    def __enter__(self):
        raise UserError("students' code runs in bubblewrap, which is not here")


def make_refusing() -> Refusing:
    return Refusing()


def test_a_sandbox_that_cannot_start_stops_the_batch_and_records_nothing(chapter, folder):
    small_class(chapter, folder)
    options = Options(out=chapter.course.root, sandbox="none", jobs=1)
    with pytest.raises(UserError, match="bubblewrap"):
        grade_class(chapter, folder, options, make_refusing, InProcess)
    assert scores(chapter) == {}


# -------------------------------------------------------------------------------------- the command


def test_the_command_refuses_politely_without_bubblewrap(
    chapter, folder, tmp_path, monkeypatch, capsys
):
    small_class(chapter, folder)
    monkeypatch.setenv("PATH", str(tmp_path))
    words = ["grade", NAME, "--course", str(tmp_path), "--submissions", str(folder)]
    assert main(words) == 2
    said = capsys.readouterr().err
    assert "bubblewrap" in said and "--sandbox none" in said and "Traceback" not in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["grade", "99_none", "--submissions", "class"], "no chapter '99_none'"),
        (["grade", NAME, "--submissions", "nowhere"], "nowhere does not exist"),
        (["grade", NAME, "--submissions", "class", "--jobs", "0"], "--jobs"),
        (["grade", NAME, "--submissions", "class", "--cell-timeout", "-1"], "cell"),
        (["report", NAME], "grade a class first"),
        (["report", NAME, "--out", "nowhere"], "grade a class first"),
        (["demo", NAME, "--students", "0"], "--students"),
        (["demo", NAME, "--out", "class"], "something else"),
        (["demo", "01_other"], "is not built yet"),
    ],
)
def test_the_commands_say_what_is_wrong_with_their_arguments(
    words, said, chapter, folder, tmp_path, monkeypatch, capsys
):
    small_class(chapter, folder)
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    shown = capsys.readouterr().err
    assert said in shown and "Traceback" not in shown


@pytest.mark.parametrize("command", ["grade", "report", "demo"])
def test_help_has_an_example(command, capsys):
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert f"\n  autograder {command} " in capsys.readouterr().out.split("example", 1)[1]


def test_another_database_error_does_not_show_the_password():
    with pytest.raises(UserError) as error:
        with recording.database_errors("postgresql://grader:secret@db/course"):
            raise sqlalchemy.exc.OperationalError("select", {}, Exception("no route to host"))
    assert "secret" not in str(error.value) and "no route" in str(error.value)
