"""The reference is executed alone: no kernel, no current folder, no trace in the process."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from autograder.authoring.reference import reference_namespace
from autograder.course import load_course
from autograder.errors import UserError

from .conftest import FIRST, SECOND, edit

X = np.array([1.0, 3.0, 5.0])


def test_every_solution_is_there_and_right(built):
    names = reference_namespace(built.chapters[FIRST])
    assert np.array_equal(names["moving_mean"](X), [1.0, 2.0, 3.0])
    assert names["__name__"] == "__main__"


def test_it_needs_no_build_and_no_current_folder(written, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path, modules = list(sys.path), set(sys.modules)
    names = reference_namespace(written.chapters[SECOND])
    assert np.array_equal(names["mean_so_far"](X), [1.0, 2.0, 3.0])
    assert sys.path == path
    assert "given" not in set(sys.modules) - modules


def test_given_is_each_chapters_own_even_when_imported_late(unbuilt):
    second = unbuilt.chapters[SECOND]
    edit(
        second.source,
        "return 1.0 * moving_mean(x)",
        "import given\n\n    return given.moving_mean(x)",
    )
    late = reference_namespace(second)["mean_so_far"]
    first = load_course(unbuilt.root).chapters[FIRST]
    edit(
        first.source,
        "import numpy as np\n\nfrom unrolled import check\n```",
        "import given\nimport numpy as np\n```",
    )
    with pytest.raises(UserError, match="00_first is given nothing"):
        reference_namespace(first)
    assert np.array_equal(late(X), [1.0, 2.0, 3.0])


def test_another_answer_takes_a_solutions_place(built):
    code = "def moving_mean(x):\n    return x * 0\n"
    assert (
        reference_namespace(built.chapters[FIRST], {"moving_mean": code})["moving_mean"](X)[2] == 0
    )
    # the reference itself stays what it was, and so does what later chapters are given
    assert reference_namespace(built.chapters[FIRST])["moving_mean"](X)[2] == 3
    with pytest.raises(UserError, match="no exercise 'nothing' to replace; it has moving_mean"):
        reference_namespace(built.chapters[FIRST], {"nothing": ""})


def test_what_another_answer_raises_is_let_through(built):
    with pytest.raises(ZeroDivisionError) as caught:
        reference_namespace(built.chapters[FIRST], {"moving_mean": "x = 1\n1 / 0\n"})
    last = caught.traceback[-1]
    assert last.lineno + 1 == 2
    assert "another answer" in str(last.path)


def test_a_solution_that_fails_is_named_with_its_line(unbuilt):
    chapter = unbuilt.chapters[FIRST]
    edit(chapter.source, "def moving_mean(x):", "unknown_name\n\n\ndef moving_mean(x):")
    with pytest.raises(
        UserError, match=r"the cell moving_mean, line 1 of the cell raised NameError"
    ):
        reference_namespace(chapter)
