"""A class of hostile students among honest ones: no forged point, no leak, no lost neighbour."""

from __future__ import annotations

import csv
import html
import shutil
from collections import Counter
from collections.abc import Iterator

import pytest
from markupsafe import escape
from nbconvert.filters import markdown2html
from nbformat import NotebookNode

from autograder.cli import main
from autograder.grading.csv_cells import runs
from autograder.grading.grade_command import grade_class
from tests.hostile.corpus import CLASSES, LIMITS, Attack, attacks
from tests.hostile.grading import Case, GradedClass, gradebook_scores, graded, options
from tests.hostile.pages import faults
from tests.hostile.vault import NAME, SECRETS


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> GradedClass:
    if not shutil.which("bwrap"):
        pytest.skip("bubblewrap is not installed here")
    return graded(tmp_path_factory.mktemp("vault"))


@pytest.mark.parametrize("name", attacks())
def test_an_attack_earns_what_is_honest_in_it_and_no_more(name: str, result: GradedClass):
    case = result.cases[name]
    attack: Attack = case.work
    assert case.earned == attack.expected, case.record
    assert set(attack.kinds) <= case.told, case.record
    if attack.reason is None:
        assert case.record.reason is None
    else:
        assert attack.reason in case.record.reason
    assert case.record.problem is None
    assert case.record.seconds < min(attack.seconds, LIMITS.total)
    if attack.check is not None:
        attack.check(case)


def test_no_honest_neighbour_is_harmed(result: GradedClass):
    for case in result.honest:
        exercises = case.record.exercises
        assert case.earned == case.work.expected, case.record
        assert {n: e.status for n, e in exercises.items()} == case.work.statuses
        found = {n: e.diagnosis for n, e in exercises.items() if e.diagnosis}
        assert found == case.work.diagnoses
        assert not case.record.findings and not case.record.events and not case.record.problem


def test_the_gradebook_says_the_same(result: GradedClass):
    expected = {case.student: sum(case.work.expected.values()) for case in result.cases.values()}
    assert gradebook_scores(result) == expected


def test_no_secret_is_in_anything_that_a_student_sees(result: GradedClass):
    found = [
        (what, name)
        for name, case in result.cases.items()
        for what, mark in SECRETS.items()
        if mark in case.shown and not _own(case, what)
    ]
    assert found == []
    for mark in SECRETS.values():
        assert mark not in result.report


def _own(case: Case, what: str) -> bool:
    return what == "another student's notebook" and not isinstance(case.work, Attack)


def test_no_page_holds_anything_that_could_run_load_or_deceive(result: GradedClass):
    wrong = {name: faults(case.feedback) for name, case in result.cases.items()}
    assert {name: found for name, found in wrong.items() if found} == {}
    assert faults(result.report, drawings=True) == []


def test_no_notebook_for_formgrader_holds_anything_that_could_run_load_or_deceive(
    result: GradedClass,
):
    for name, case in result.cases.items():
        for cell in case.autograded.cells:
            found = [fault for text in _rendered(cell) for fault in faults(text)]
            assert not found, (name, cell.id)


def _rendered(cell: NotebookNode) -> Iterator[str]:
    """What formgrader makes of a cell, its code aside, which it escapes."""
    if cell.cell_type == "markdown":
        yield markdown2html(cell.source)
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        assert set(data) <= {"text/plain", "text/html", "image/png", "image/jpeg"}
        yield data.get("text/html", "")
        texts = [output.get(key, "") for key in ("text", "ename", "evalue")]
        yield html.escape(
            "".join([*texts, *output.get("traceback", []), data.get("text/plain", "")])
        )


@pytest.mark.parametrize("layout", ["csv", "canvas", "moodle"])
def test_no_table_of_scores_holds_what_a_spreadsheet_would_run(layout: str, result: GradedClass):
    path = result.root / f"{layout}.csv"
    words = ["export", NAME, "--format", layout, "--course", str(result.root), "--out", str(path)]
    assert main(words) == 0
    with path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.reader(stream))
    assert len(rows) > len(result.cases)
    assert [cell for row in rows for cell in row if runs(cell)] == []


def test_everything_that_is_told_stands_on_the_instructors_page(result: GradedClass):
    for case in result.hostile:
        if case.told:
            assert str(escape(case.student)) in result.report


def test_nothing_is_graded_a_second_time(result: GradedClass):
    again = grade_class(result.chapter, result.root / "handed in", options(result.root))
    assert (again.graded, again.kept) == (0, len(result.cases))


def test_every_class_of_attack_is_in_the_corpus():
    count = Counter(kind for kind, _ in attacks().values())
    assert len(attacks()) >= 60
    assert len(count) == len(CLASSES) and min(count.values()) >= 4
