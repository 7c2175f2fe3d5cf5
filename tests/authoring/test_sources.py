"""A text or answer that cannot be used gets one clear sentence and exit code 2; nothing runs."""

from __future__ import annotations

import pytest

from autograder.authoring.sources import cell_lines
from autograder.cli import main
from autograder.errors import UserError

from .conftest import FIRST, SECOND, edit

TEST_CELL = "grade_id: test_moving_mean, locked: true, points: 2,"


def change(old: str, new: str):
    return lambda chapter: edit(chapter.source, old, new)


def answer(path: str, text: str):
    return lambda chapter: (chapter.folder / "answers" / path).write_text(text, encoding="utf-8")


BAD = {
    "no imports cell": (
        change(":tags: [imports]\n", ""),
        "exactly one code cell carries the tag `imports`, found 0",
    ),
    "two cells with one id": (
        change("grade_id: test_moving_mean", "grade_id: moving_mean"),
        "line 73: the grade_id moving_mean stands on line 58 already",
    ),
    "a test without a solution": (
        change("grade_id: moving_mean,", "grade_id: other,"),
        "the test cell test_moving_mean needs a solution cell before it",
    ),
    "a solution without a test": (
        change("grade_id: test_moving_mean", "grade_id: test_other"),
        "the test cell test_other needs a solution cell before it whose grade_id is other",
    ),
    "a solution of another name": (
        change("def moving_mean(x):", "def mean(x):"),
        "exercise moving_mean: its solution cell must define moving_mean",
    ),
    "an id with a blank": (
        change('"grade_id": "written_when"', '"grade_id": "written when"'),
        "a grade_id is letters, digits and underscores, at most 60: 'written when'",
    ),
    "no points": (
        change(TEST_CELL, TEST_CELL.replace("points: 2,", "")),
        "line 73: the graded cell test_moving_mean needs points",
    ),
    "a test that students may edit": (
        change(TEST_CELL, TEST_CELL.replace("true", "false")),
        "the test cell test_moving_mean must have locked: true",
    ),
    "a solution that is not marked": (
        change("    ### BEGIN SOLUTION\n    count", "    count"),
        "`### END SOLUTION` without its partner before it",
    ),
    "a solution without an end": (
        change("return np.cumsum(x) / count\n    ### END SOLUTION", "return np.cumsum(x) / count"),
        "`### BEGIN SOLUTION` is never followed by `### END SOLUTION`",
    ),
    "a marker spelt otherwise": (
        change("    ### BEGIN SOLUTION\n    count", "    # BEGIN SOLUTION\n    count"),
        "write the marker as `### BEGIN SOLUTION` or `### END SOLUTION`: '# BEGIN SOLUTION'",
    ),
    "a solution in an open cell": (
        change("print(f", "### BEGIN SOLUTION\n### END SOLUTION\nprint(f"),
        "in a cell whose nbgrader metadata is not a solution cell's",
    ),
    "no hidden test": (
        change("### BEGIN HIDDEN TESTS", "pass"),
        "`### END HIDDEN TESTS` without its partner before it",
    ),
    "more than check to see in a test": (
        change("check(moving_mean)\n", "check(moving_mean)\nprint(1)\n"),
        "the visible part of its test cell must be exactly",
    ),
    "a syntax error in a solution": (
        change("    return np.cumsum(x) / count", "    return np.cumsum(x / count"),
        "solution cell, line 8: '(' was never closed",
    ),
    "a syntax error in a test": (
        change("    before = x.copy()", "    before = = x"),
        "exercise moving_mean: test cell, line 10: invalid syntax",
    ),
    "a wrong answer without a diagnosis": (
        answer("moving_mean/wrong/silent.py", "def moving_mean(x):\n    return x\n"),
        "silent.py: write the diagnosis that a student reads as the module docstring",
    ),
    "an answer that is no Python": (
        answer("moving_mean/wrong/broken.py", '"""d"""\ndef moving_mean(x:\n'),
        "broken.py, line 2: '(' was never closed",
    ),
    "an empty answer": (
        answer("moving_mean/right/empty.py", ""),
        "empty.py: does not define moving_mean",
    ),
    "an answer to something else": (
        answer("moving_mean/right/other.py", '"""d"""\n\ndef other(x):\n    return x\n'),
        "other.py: does not define moving_mean",
    ),
    "an answer that fails at once": (
        answer("moving_mean/wrong/fails.py", '"""d"""\n\n1 / 0\n'),
        "fails.py: cannot be run: ZeroDivisionError: division by zero",
    ),
    "cases that raise": (
        answer("moving_mean/cases.py", 'RETURNS = {"m": "T"}\ndef cases():\n    yield missing\n'),
        "cases.py: raised NameError: name 'missing' is not defined",
    ),
    "cases without RETURNS": (
        answer("moving_mean/cases.py", "def cases():\n    yield {}\n"),
        "cases.py: moving_mean: RETURNS must be like",
    ),
    "no cases": (
        lambda chapter: (chapter.folder / "answers/moving_mean/cases.py").unlink(),
        "exercise moving_mean has no answers/moving_mean/cases.py",
    ),
    "answers to no exercise": (
        lambda chapter: (chapter.folder / "answers" / "mean").mkdir(),
        "answers/mean: no such exercise in 00_first.md; it has moving_mean",
    ),
    "a text that is gone": (
        lambda chapter: chapter.source.unlink(),
        "00_first.md is missing; `autograder new 00_first` makes a chapter",
    ),
    "metadata that is not YAML": (
        change("nbgrader: {grade: false, grade_id: moving_mean", "nbgrader: {grade: [false, x: "),
        "00_first.md: not a readable MyST notebook",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_sources_are_named(case, unbuilt, capsys, snapshot):
    damage, sentence = BAD[case]
    damage(unbuilt.chapters[FIRST])
    before = snapshot(unbuilt)
    assert main(["build", "--course", str(unbuilt.root), FIRST]) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert "Traceback" not in said
    assert snapshot(unbuilt) == before


def test_an_unknown_chapter_is_named_with_the_known_ones(unbuilt, capsys):
    assert main(["build", "--course", str(unbuilt.root), "07_nothing"]) == 2
    assert f"no chapter '07_nothing' in {unbuilt.solutions}/course.toml: {FIRST}, {SECOND}" in (
        capsys.readouterr().err
    )


def test_a_course_without_chapters_says_what_to_do(tmp_path, capsys):
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / "course.toml").write_text('title = "Empty"\n')
    assert main(["build", "--course", str(tmp_path)]) == 2
    assert "has no chapter; `autograder new NAME` makes one" in capsys.readouterr().err


def test_a_bad_chapter_does_not_stop_the_others(copy, capsys):
    edit(copy.chapters[FIRST].source, ":tags: [imports]\n", "")
    edit(copy.chapters[SECOND].source, "from given import moving_mean\n", "")
    edit(copy.solutions / "course.toml", 'given = { "00_first" = ["moving_mean"] }\n', "")
    edit(
        copy.chapters[SECOND].source,
        "1.0 * moving_mean(x)",
        "np.cumsum(x) / np.arange(1, len(x) + 1, dtype=x.dtype)",
    )
    assert main(["build", "--course", str(copy.root)]) == 2
    said = capsys.readouterr()
    assert "exactly one code cell" in said.err
    assert f"{SECOND} " in said.out and "executed in" in said.out
    assert not copy.chapters[SECOND].given_file.exists()
    assert not (copy.chapters[SECOND].released / "given.py").exists()


def test_a_text_that_changes_while_it_is_read_is_named(unbuilt):
    chapter = unbuilt.chapters[FIRST]
    notebook = chapter.notebook()
    with chapter.source.open("a", encoding="utf-8") as file:
        file.write("\n+++\n\nAnother cell.\n")
    with pytest.raises(UserError, match="00_first.md was changed while it was being read"):
        cell_lines(chapter, notebook)
