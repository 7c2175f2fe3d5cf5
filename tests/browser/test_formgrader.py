"""An instructor grades by hand in JupyterLab's formgrader, and the next batch keeps it."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.cli import main
from autograder.course import Chapter, load_course
from autograder.grading import recording
from autograder.grading.demo import answer_codes, filled
from tests.browser.chromium import Browser
from tests.browser.lab import jupyterlab, open_lab

NAME = "01_recurrence"
STUDENT = "student-001"
COMMENT = "Which weights, and why? <b>Say more</b>."
SANDBOX = "bwrap" if shutil.which("bwrap") else "none"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Chapter:
    """The demo's class, graded. It asks for a browser, so that it is not made for nothing."""
    out = tmp_path_factory.mktemp("class") / "demo"
    words = ["demo", NAME, "--students", "3", "--jobs", "1", "--sandbox", SANDBOX]
    assert main([*words, "--out", str(out)]) == 0
    return load_course(out).chapters[NAME]


@pytest.fixture(scope="module")
def address(demo: Chapter, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with jupyterlab(demo.course.root, tmp_path_factory.mktemp("server") / "home") as address:
        yield address


def book(chapter: Chapter) -> Gradebook:
    return Gradebook(recording.default_db(chapter.course.root))


def written_question(chapter: Chapter) -> str:
    """Id of the chapter's question that a person grades."""
    with book(chapter) as gradebook:
        cells = gradebook.find_notebook(NAME, NAME).grade_cells
        return next(cell.name for cell in cells if cell.cell_type == "markdown")


def by_hand(chapter: Chapter) -> tuple[float | None, str | None]:
    """A person's grade of the written answer and the comment on it."""
    question = written_question(chapter)
    with book(chapter) as gradebook:
        grade = gradebook.find_grade(question, NAME, NAME, STUDENT)
        comment = gradebook.find_comment(question, NAME, NAME, STUDENT)
        return grade.manual_score, comment.manual_comment


def score(chapter: Chapter) -> float:
    with book(chapter) as gradebook:
        return gradebook.find_submission(NAME, STUDENT).score


def grade_again(chapter: Chapter, *options: str) -> None:
    root = chapter.course.root
    words = ["grade", NAME, "--course", str(root), "--submissions", str(root / "submitted")]
    # 1: the demo's damaged notebook needs a person
    assert main([*words, "--jobs", "1", "--sandbox", SANDBOX, *options]) in (0, 1)


def hand_in_again(chapter: Chapter, exercise: str) -> None:
    """A later submission of the same work with a wrong answer to one exercise."""
    path = chapter.course.root / "submitted" / STUDENT / NAME / f"{NAME}.ipynb"
    codes = answer_codes(chapter.exercises[exercise])
    answers = {exercise: next(code for name, code in codes.items() if name.startswith("wrong"))}
    page = filled(nbformat.read(path, as_version=4), answers)
    path.write_text(json.dumps(page), encoding="utf-8")


def open_submission(browser: Browser, address: str, chapter: Chapter) -> None:
    """From formgrader's list of assignments to the student's notebook, by clicks."""
    open_lab(browser, address)
    browser.js("jupyterapp.commands.execute('nbgrader:open-formgrader')")
    browser.wait_for("td", NAME)
    browser.click("a", "Manual Grading")
    browser.wait_for("th", "Score")
    browser.click("td a", NAME)
    browser.wait_for("th", "Avg. Written Score")
    browser.click("td a", NAME)
    with book(chapter) as gradebook:
        wanted = gradebook.find_submission_notebook(NAME, NAME, STUDENT).id
    browser.click(f'td a[href*="{wanted}"]')
    # formgrader fetches grades after its page; what is typed before would be overwritten
    question = written_question(chapter)
    browser.wait_for(f".nbgrader_cell:has(#{question}) .extra-credit[placeholder]")
    browser.wait_for(f"#{question}-comment[placeholder]")


def until(holds, what: str) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline, f"waited for {what}"
        time.sleep(0.05)


def test_formgrader_lists_the_assignments_and_their_submissions(demo, address, browser, shots):
    open_lab(browser, address)
    browser.js("jupyterapp.commands.execute('nbgrader:open-formgrader')")
    browser.wait_for("h1", "Manage Assignments")
    browser.wait_for(f'td a[href*="{NAME}"]', "3")
    for chapter in demo.course.chapters:
        browser.wait_for("td", chapter)
    browser.screenshot(shots / "formgrader_assignments.png")


def test_a_grade_entered_in_formgrader_is_kept_by_the_next_batch(demo, address, browser, shots):
    question = written_question(demo)
    before = score(demo)
    open_submission(browser, address, demo)
    browser.click(f"#{question}")
    browser.write("2")
    browser.press("Tab")
    until(lambda: by_hand(demo) == (2.0, None), "formgrader to save the grade")
    browser.click(f"#{question}-comment")
    browser.write(COMMENT)
    browser.press("Tab")
    until(lambda: by_hand(demo) == (2.0, COMMENT), "formgrader to save the comment")
    browser.screenshot(shots / "formgrader_graded.png")
    assert score(demo) == before + 2

    exercise = next(iter(demo.exercises))
    lost = demo.exercises[exercise].points
    hand_in_again(demo, exercise)
    grade_again(demo)
    assert by_hand(demo) == (2.0, COMMENT)
    assert score(demo) == before + 2 - lost
    grade_again(demo, "--force", "--only", STUDENT)
    assert by_hand(demo) == (2.0, COMMENT)

    open_submission(browser, address, demo)
    shown = f'(() => {{ for (const frame of document.querySelectorAll("iframe")) {{ \
const page = frame.contentDocument; const input = page && page.getElementById("{question}"); \
if (input) return input.value + "|" + page.getElementById("{question}-comment").value; }} }})()'
    browser.until(f"({shown}) === {json.dumps('2|' + COMMENT)}", what="the grade in formgrader")
    browser.click(f"#{question}-comment")
    browser.screenshot(shots / "formgrader_kept.png")


def test_the_students_page_shows_the_grade_and_the_comment_as_text(demo, browser, shots):
    assert main(["report", NAME, "--course", str(demo.course.root)]) == 0
    root = demo.course.root
    browser.open((root / "report" / f"{NAME}.html").as_uri())
    browser.click('a[href*="feedback"]', STUDENT)
    browser.until("(name) => document.title.includes(name) || document.body.innerText.includes(name)",
                  f"Feedback for {STUDENT}", what="the feedback page")  # fmt: skip
    assert "Which weights, and why?" in browser.text()
    assert browser.js("document.scripts.length") == 0
    browser.screenshot(shots / "feedback.png")
