"""What people read: the instructor's page, and a feedback page for each student."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest
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
from fake_grader import make_fake_grader
from in_process import InProcess
from nbgrader.api import Gradebook

from autograder.cli import main
from autograder.course import Chapter
from autograder.grading import feedback, recording, report, showing
from autograder.grading.demo import released
from autograder.grading.grade_command import Options, grade_class

ATTACK = '<script>alert("x")</script><img src=x onerror=alert(1)>'
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "wbr"}


class Page(HTMLParser):
    """A page's tags, links and text, as a browser would see them."""

    def __init__(self, path: Path):
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.path = path
        self.source = path.read_text(encoding="utf-8")
        self.feed(self.source)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"{tag} is closed out of turn"

    def handle_data(self, data):
        if self.open[-1:] not in (["style"], ["text"]):
            self.words.append(data)

    def assert_harmless(self) -> None:
        assert not self.open
        for tag, attributes in self.tags:
            assert tag not in ("script", "iframe", "object", "embed", "form", "base", "link")
            assert not [name for name in attributes if name.startswith("on")]
            for name in ("href", "src", "xlink:href"):
                value = attributes.get(name) or ""
                assert not re.match(r"\s*(javascript|vbscript|data:text)", value, re.I)
        policy = next(a for t, a in self.tags if t == "meta" and "content" in a)
        assert "default-src 'none'" in policy["content"]


@pytest.fixture(scope="module")
def chapter(tmp_path_factory: pytest.TempPathFactory) -> Chapter:
    """A graded class; grading by hand and comments included."""
    root = tmp_path_factory.mktemp("course")
    made = small_chapter(root)
    give_gradebook(root)
    folder, page = root / "class", released(made)
    adds_two = WRONG["double"]["adds_two"][1]
    mean = WRONG["total"]["takes_the_mean"][1]
    hand_in(folder, "student-001", answered(page, written="It *adds* up."))
    hand_in(folder, "student-002", answered(page, double=adds_two, total=mean))
    hand_in(folder, "student-003", answered(page, double=adds_two, total=mean))
    hand_in(folder, "student-004", answered(page, double=WRONG["double"]["squares"][1], total=mean))
    hand_in(folder, "student-005", "{ damaged")
    hand_in(folder, "student-006", changed(answered(page, total=mean), test_double="pass"))
    attack = "raise RuntimeError('''" + ATTACK + "''')\n# says an event\n"
    hostile = answered(page, written=ATTACK, double=attack, total="print('''" + ATTACK + "''')")
    hostile.cells.append(nbformat.v4.new_markdown_cell(ATTACK))
    hand_in(folder, "Anne & Bob O'Hara", hostile)
    page.cells = [c for c in page.cells if c is not cell(page, "double")]
    hand_in(folder, "student-007", page)
    (root / "class" / "student-008").mkdir()
    options = Options(out=root, sandbox="none")
    grade_class(made, folder, options, make_fake_grader, InProcess)
    with Gradebook(recording.default_db(root)) as book:
        grade = book.find_grade("written_why", NAME, NAME, "student-001")
        grade.manual_score, grade.needs_manual_grade = 1.5, False  # as formgrader does
        comment = book.find_comment("written_why", NAME, NAME, "student-001")
        comment.manual_comment = "Nice, but **why**? <script>alert(2)</script>"
        book.db.commit()
    return made


def read_report(chapter: Chapter) -> Page:
    return Page(report.page_path(chapter, chapter.course.root))


def read_feedback(chapter: Chapter, student: str) -> Page:
    return Page(chapter.course.root / "feedback" / student / NAME / f"{NAME}.html")


@pytest.fixture(scope="module")
def page(chapter: Chapter) -> Page:
    """The instructor's page, written again by the command after grading by hand."""
    assert main(["report", NAME, "--course", str(chapter.course.root)]) == 0
    return read_report(chapter)


def test_the_report_says_how_the_class_did(page):
    page.assert_harmless()
    # one hand-graded 1.5 beside 5; 0, 0, 0, 0, 2, 0, 0, 0 for the others
    assert "9 submissions, mean 0.94 , median 0.00 of 7 points" in page.text
    assert "Nobody solved: total" not in page.text
    assert re.search(r"double 2 0\.44 2 \(22%\) 0 7", page.text)
    assert re.search(r"total 3 0\.33 1 \(11%\) 0 8", page.text)


def test_the_report_counts_known_mistakes_the_commonest_first(page):
    assert "5 students need a person" in page.text and "3 known mistakes were made" in page.text
    known = page.text.split("Known mistakes", 1)[1].split("Wrong in another way", 1)[0]
    texts = [
        WRONG["total"]["takes_the_mean"][0],
        WRONG["double"]["adds_two"][0],
        WRONG["double"]["squares"][0],
    ]
    places = [known.index(text) for text in texts]
    assert places == sorted(places)
    assert re.search(r"4 total takes_the_mean", known)
    assert re.search(r"2 double adds_two", known)
    assert "student-002, student-003" in known


def test_the_report_says_who_needs_a_person_and_why(page):
    needs = page.text.split("Needs a person", 1)[1].split("The class", 1)[0]
    assert "student-005 unreadable : 00_small.ipynb: not JSON" in needs
    assert "student-008 unreadable : no notebook was handed in" in needs
    assert "student-006 altered test : test_double was changed by hand" in needs
    assert "student-007 missing answer : the answer cell of double is missing" in needs
    assert "output : double: more output than allowed" in needs
    assert "Anne & Bob O'Hara" in needs
    assert "student-001" not in needs, "its written answer has been graded"
    assert "student-002" not in needs
    # what could not be graded stands before what could
    assert needs.index("student-005") < needs.index("student-006")


def test_the_report_links_to_every_feedback_page(page):
    links = {a["href"] for t, a in page.tags if t == "a" and not a["href"].startswith("#")}
    targets = {(page.path.parent / unquote(link)).resolve() for link in links}
    assert len(targets) == 9
    assert all(target.is_file() for target in targets)


def test_the_figures_say_in_words_what_they_show(page):
    labels = [a["aria-label"] for t, a in page.tags if t == "svg"]
    assert len(labels) == 2
    assert "double: 2 all, 0 some, 7 none" in labels[1]
    assert all(a.get("role") == "img" for t, a in page.tags if t == "svg")


def test_an_exercise_that_nobody_solved_is_named(tmp_path):
    chapter = small_chapter(tmp_path)
    give_gradebook(tmp_path)
    hand_in(tmp_path / "class", "student-001", answered(released(chapter), total="total = 1"))
    options = Options(out=tmp_path, sandbox="none")
    grade_class(chapter, tmp_path / "class", options, make_fake_grader, InProcess)
    assert "Nobody solved: total ." in read_report(chapter).text.replace("total.", "total .")


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_names_and_texts_of_students_are_text_on_the_report(chapter, page):
    # names like this do not come out of intake, but may stand in a gradebook
    with Gradebook(recording.default_db(chapter.course.root)) as book:
        book.update_or_create_student(ATTACK)
        book.update_or_create_submission(NAME, ATTACK)
        path = report.write(chapter, chapter.course.root, book)
        book.remove_student(ATTACK)
    written = Page(path)
    written.assert_harmless()
    assert ATTACK in " ".join(written.words)
    assert "graded by other means" in written.text


def small_class(root: Path) -> tuple[Chapter, Path]:
    """A chapter and the folder in which its class hands in."""
    chapter = small_chapter(root)
    give_gradebook(root)
    return chapter, root / "class"


def grade_small(chapter: Chapter, **options) -> None:
    root = chapter.course.root
    given = Options(out=root, sandbox="none", **options)
    grade_class(chapter, root / "class", given, make_fake_grader, InProcess)


def test_the_report_tells_first_from_later_submissions(tmp_path):
    chapter, folder = small_class(tmp_path)
    unsolved = released(chapter)
    right, wrong = answered(unsolved), answered(unsolved, total="total = 1")
    for student in ("student-001", "student-002", "student-003"):
        hand_in(folder, student, unsolved if student == "student-001" else wrong)
    grade_small(chapter)
    assert "By attempt" not in read_report(chapter).text, "everybody handed in once"
    hand_in(folder, "student-001", wrong)
    hand_in(folder, "student-002", right)
    grade_small(chapter)
    grade_small(chapter, force=True)  # the same work again is no attempt
    hand_in(folder, "student-001", right)
    grade_small(chapter)
    page = read_report(chapter)
    page.assert_harmless()
    cohorts = page.text.split("By attempt", 1)[1].split("Known mistakes", 1)[0]
    assert "once 1 2.00 2.00 0 0" in cohorts
    assert "twice 1 2.00 5.00 1 0" in cohorts
    assert "3 times 1 0.00 5.00 1 0" in cohorts


def test_a_large_class_is_listed_on_pages_of_its_own(chapter, page, monkeypatch):
    monkeypatch.setattr(report, "ON_ONE_PAGE", 4)
    monkeypatch.setattr(report, "SHOWN", 2)
    root = chapter.course.root
    with Gradebook(recording.default_db(root)) as book:
        first = Page(report.write(chapter, root, book))
        first.assert_harmless()
        assert "And 3 more, each with the reason, in the list of the class." in first.text
        links = [a["href"] for t, a in first.tags if t == "a" and "_class_" in a["href"]]
        assert links == [f"{NAME}_class_{number}.html" for number in (1, 2, 3)]
        assert "Anne & Bob O'Hara to student-003" in first.text
        pages = [Page(first.path.parent / link) for link in links]
        for other in pages:
            other.assert_harmless()
            assert f"{NAME}.html" in [a["href"] for t, a in other.tags if t == "a"]
        listed = {
            (other.path.parent / unquote(a["href"])).resolve()
            for other in pages
            for t, a in other.tags
            if t == "a" and "feedback" in a["href"]
        }
        assert len(listed) == 9 and all(target.is_file() for target in listed)
        third = " ".join(other.text for other in pages)
        assert "unreadable : 00_small.ipynb: not JSON" in third
        assert "missing answer : the answer cell of double is missing" in third
        # the class on one page again
        monkeypatch.undo()
        report.write(chapter, root, book)
    assert not list(first.path.parent.glob("*_class_*"))


def test_the_report_shows_what_coming_late_costs(chapter, page):
    with Gradebook(recording.default_db(chapter.course.root)) as book:
        late = book.find_submission_notebook(NAME, NAME, "student-001")
        late.late_submission_penalty = 2.5
        book.db.commit()
        try:
            written = Page(report.write(chapter, chapter.course.root, book))
        finally:
            late.late_submission_penalty = None
            book.db.commit()
    assert "points taken off 1 for coming late" in written.text
    assert "student-001 4 / 7 late: −2.5" in written.text


def test_a_grade_from_before_the_last_grading_is_to_be_reviewed(tmp_path):
    chapter, folder = small_class(tmp_path)
    hand_in(folder, "student-001", answered(released(chapter), written="Because."))
    grade_small(chapter)
    assert "to grade : 1 answer for a person to grade" in read_report(chapter).text
    with Gradebook(recording.default_db(tmp_path)) as book:
        grade = book.find_grade("written_why", NAME, NAME, "student-001")
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        book.db.commit()
    grade_small(chapter)
    assert "Needs a person Nobody" in read_report(chapter).text
    grade_small(chapter, force=True)
    text = read_report(chapter).text
    assert "to review : 1 answer graded by a person before the last grading" in text
    assert "student-001 6.5 / 7" in text


# ------------------------------------------------------------------------------------- feedback


def test_feedback_lists_exercises_with_points_and_explains_each_failure(chapter, page):
    second = read_feedback(chapter, "student-002")
    second.assert_harmless()
    assert "Feedback for student-002" in second.text
    assert "double 0 / 2 double gives a wrong value" in second.text
    assert "total 0 / 3 total gives a wrong sum" in second.text
    assert WRONG["double"]["adds_two"][0] in second.text
    anchors = {a["href"].removeprefix("#") for t, a in second.tags if t == "a"}
    assert anchors == {"test_double", "test_total", "written_why"}
    assert anchors <= {a.get("id") for t, a in second.tags}


def test_feedback_shows_grades_and_comments_of_a_person(chapter, page):
    first = read_feedback(chapter, "student-001")
    first.assert_harmless()
    assert "6.5 of 7 points" in first.text
    assert "written_why: 1.5 of 2 points" in first.text
    assert "Nice, but why ?" in first.text
    assert "It *adds* up." in first.text


def test_feedback_says_that_a_written_answer_waits(chapter, page):
    hostile = read_feedback(chapter, "Anne & Bob O'Hara")
    assert "waits for a person" in hostile.text
    assert "no answer" in read_feedback(chapter, "student-002").text


def test_feedback_of_an_unreadable_notebook_says_so(chapter, page):
    damaged = read_feedback(chapter, "student-005")
    damaged.assert_harmless()
    assert "could not be read" in damaged.text and "not JSON" in damaged.text


def test_feedback_treats_what_a_student_wrote_as_text(chapter, page):
    hostile = read_feedback(chapter, "Anne & Bob O'Hara")
    hostile.assert_harmless()
    assert "Feedback for Anne & Bob O'Hara" in hostile.text
    assert 'RuntimeError: <script>alert("x")</script>' in hostile.text


@pytest.mark.parametrize("student", [*(f"student-{n:03d}" for n in range(1, 9))])
def test_feedback_has_no_line_of_a_hidden_test(student, chapter, page):
    text = read_feedback(chapter, student).source
    for word in ("secret_input", "another_secret", "HIDDEN", "np.allclose", "== 7.0", "Rubric"):
        assert word not in text


def test_feedback_of_a_notebook_graded_by_others_hides_tracebacks_of_tests(chapter, tmp_path):
    """Stock nbgrader keeps the test's lines in the traceback of a failing test."""
    path = recording.notebook_path(chapter, chapter.course.root, "student-002")
    stock = nbformat.read(path, as_version=4)
    cell(stock, "test_double").outputs = [
        nbformat.v4.new_output(
            "error",
            ename="AssertionError",
            evalue="double gives a wrong value",
            traceback=["----> 5 assert np.allclose(double(secret_input), [2.0, 5.0])"],
        )
    ]
    about = {"nbgrader": {"student": "student-002", "notebook": NAME}}
    text, _ = feedback.FeedbackExporter().from_notebook_node(stock, about)
    assert "double gives a wrong value" in text
    assert "secret_input" not in text and "HIDDEN" not in text


# ---------------------------------------------------------------------------- outputs that are kept


def rich(**data: str) -> dict:
    return {"output_type": "display_data", "data": data, "metadata": {"x": 1}}


PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="


@pytest.mark.parametrize(
    ("output", "kept"),
    [
        (rich(**{"application/javascript": "alert(1)"}), {}),
        (rich(**{"image/svg+xml": "<svg onload=alert(1)>"}), {}),
        (rich(**{"application/vnd.jupyter.widget-view+json": "{}"}), {}),
        (rich(**{"image/png": "not base64!"}), {}),
        (rich(**{"image/png": PNG, "text/html": ATTACK}), {"image/png": PNG}),
        (rich(**{"text/html": "<script>alert(1)</script>"}), {}),
        (rich(**{"text/html": ATTACK + "<b onclick=x()>fat</b>"}), {"text/html": "<b>fat</b>"}),
        (
            rich(**{"text/html": "<a href='javascript:alert(1)'>go</a>"}),
            {"text/html": "<a>go</a>"},
        ),
        (
            rich(**{"text/html": "<table><tr><td style='x:y'>1</td></tr></table>"}),
            {"text/html": "<table><tbody><tr><td>1</td></tr></tbody></table>"},
        ),
        (rich(**{"text/html": "<b>" * 5000}), {}),
        (rich(**{"text/plain": "\x1b[31mred\x1b[0m \x07\u009b31m"}), {"text/plain": "red 31m"}),
        ({"output_type": "display_data", "data": ["no", "dict"]}, {}),
        ("no output", {}),
    ],
)
def test_only_harmless_outputs_are_kept(output, kept):
    shown = showing.shown([output])
    assert (dict(shown[0].data) if shown else {}) == kept
    assert all(node.metadata == {} for node in shown)


def test_long_and_many_outputs_are_cut():
    stream = {"output_type": "stream", "name": "stdout", "text": "x" * 15_000}
    shown = showing.shown([stream] * 10)
    assert sum(len(node.text) for node in shown) < 20_100
    assert "cut here" in shown[-1].text
    many = {"output_type": "stream", "name": "stdout", "text": "x"}
    assert len(showing.shown([many] * 10_000)) == showing.MAX_OUTPUTS


def test_errors_keep_their_traceback_without_terminal_codes():
    (node,) = showing.shown(
        [
            {
                "output_type": "error",
                "ename": "ValueError",
                "evalue": "\x1b[1mbad\ud800",
                "traceback": ["\x1b[31mline\x1b[0m", 7, None],
            }
        ]
    )
    assert node.traceback == ["line", "", ""]
    assert node.evalue == "bad?"


def test_a_page_that_cannot_be_written_costs_no_other(chapter, page, tmp_path, monkeypatch, capsys):
    def failing(nb):
        raise ValueError("a page that fails")

    pages = feedback.Pages(chapter, chapter.course.root, recording.default_db(chapter.course.root))
    before = pages.path("student-001").read_text()
    monkeypatch.setattr(feedback, "_title", failing)
    pages.write(["student-002"])
    assert "no feedback page for student-002" in capsys.readouterr().err
    monkeypatch.undo()
    pages.write(["student-001", "student-002"])
    assert pages.path("student-001").read_text() == before
    assert pages.path("student-002").is_file()


def test_many_pages_are_written_by_several_processes(chapter, page, monkeypatch):
    monkeypatch.setattr(feedback, "FEW", 2)
    pages = feedback.Pages(chapter, chapter.course.root, recording.default_db(chapter.course.root))
    students = [f"student-{number:03d}" for number in range(1, 6)]
    before = {student: pages.path(student).read_text() for student in students}
    for student in students:
        pages.path(student).unlink()
    pages.write(students, workers=2)
    assert {student: pages.path(student).read_text() for student in students} == before


def test_a_right_answer_has_nothing_to_explain(chapter, page):
    first = read_feedback(chapter, "student-001")
    assert "double: 2 of 2 points · right" in first.text
    assert RIGHT["double"].splitlines()[1].split()[0] in first.text
