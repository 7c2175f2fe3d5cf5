"""A failing cell is reported with chapter, cell, line of the text and a short traceback."""

from __future__ import annotations

import nbformat
import pytest

from autograder.authoring import execute
from autograder.cli import main

from .conftest import FIRST, edit

EXPERIMENT = "x = np.append(np.zeros(100), 1.0)\n"


@pytest.fixture
def fail(copy, capsys, snapshot):
    """Puts code where the experiment starts, builds, and returns what was said and its line."""

    def run(code: str) -> tuple[str, int]:
        source = copy.chapters[FIRST].source
        edit(source, EXPERIMENT, code + EXPERIMENT)
        before = snapshot(copy)
        assert main(["build", "--course", str(copy.root), FIRST]) == 1
        assert snapshot(copy) == before
        lines = source.read_text(encoding="utf-8").splitlines()
        return capsys.readouterr().err, lines.index(code.splitlines()[0]) + 1

    return run


def test_the_line_of_the_text_that_raised(fail):
    said, line = fail("def g(x):\n    return x[9]\n\ng(np.zeros(3))\n")
    assert "00_first, cell 7, " in said
    assert f"00_first.md, line {line}\n" in said
    assert f"  line {line + 3}: g(np.zeros(3))\n  line {line + 1}: return x[9]\n" in said
    assert "IndexError: index 9 is out of bounds" in said
    assert "\x1b" not in said
    assert "autograder" not in said.partition("Traceback")[2]


def test_frames_of_libraries_are_left_out(fail):
    said, _ = fail("import matplotlib.pyplot as plt\nplt.plot([1, 2], 'bad', 3, 4, 5)\n")
    assert "site-packages" not in said
    assert len(said.splitlines()) < 25


def test_an_error_inside_a_solution_names_its_line_too(fail):
    said, _ = fail("moving_mean(None)\n")
    assert ": count = np.arange(1, len(x) + 1, dtype=x.dtype)\n" in said
    assert "TypeError" in said


def test_a_cell_of_an_exercise_is_called_by_its_name(copy, capsys):
    edit(copy.chapters[FIRST].source, "dtype == np.float32,", "dtype == np.float16,")
    assert main(["build", "--course", str(copy.root), FIRST]) == 1
    said = capsys.readouterr().err
    assert "cell 5 (test_moving_mean)" in said
    assert "AssertionError: float32 in, but not float32 out" in said


def test_a_dead_kernel(fail):
    said, line = fail("import os\nos._exit(3)\n")
    assert f"00_first.md, line {line}: the kernel died" in said


def test_a_cell_without_end(fail, monkeypatch):
    monkeypatch.setattr(execute, "CELL_TIMEOUT", 2)
    said, line = fail("while True:\n    pass\n")
    assert f"00_first.md, line {line}: still running after 2 s" in said
    assert "`timeout: 300`" in said


def test_metadata_may_raise_the_limit_of_a_cell():
    cell = nbformat.v4.new_code_cell("", metadata={"timeout": 300})
    assert execute.cell_timeout(cell) == 300
    assert execute.cell_timeout(nbformat.v4.new_code_cell("")) == execute.CELL_TIMEOUT


def test_an_output_that_tells_folders_is_refused(fail):
    said, line = fail("import os\nprint(os.getcwd())\n")
    assert f"line {line}: its output shows a folder of this machine" in said


def test_the_kernel_sees_the_same_environment_everywhere(copy, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    monkeypatch.setenv("UNROLLED_KEY", "/nowhere")
    monkeypatch.setenv("MPLBACKEND", "nothing")
    chapter = copy.chapters[FIRST]
    code = (
        "import os\nimport matplotlib.pyplot as plt\n"
        "print([os.environ.get(n) for n in ('TQDM_DISABLE', 'NBGRADER_EXECUTION', 'TZ')])\n"
    )
    edit(chapter.source, EXPERIMENT, code + EXPERIMENT)
    assert main(["build", "--course", str(copy.root), FIRST]) == 0
    assert "['1', None, 'UTC']" in chapter.solution_notebook.read_text(encoding="utf-8")


def test_pieces_of_one_stream_are_one_output_and_widgets_leave_no_random_id(copy):
    chapter = copy.chapters[FIRST]
    code = (
        "import sys\nimport ipywidgets\n"
        "print('a'); sys.stdout.flush(); print('b'); sys.stdout.flush()\n"
        "display(ipywidgets.IntSlider(3))\n"
    )
    edit(chapter.source, EXPERIMENT, code + EXPERIMENT)
    assert main(["build", "--course", str(copy.root), FIRST]) == 0
    first = chapter.solution_notebook.read_bytes()
    notebook = nbformat.read(chapter.solution_notebook, as_version=4)
    outputs = notebook.cells[6].outputs
    assert outputs[0].text.startswith("a\nb\n")
    assert list(outputs[1].data) == ["text/plain"]
    assert main(["build", "--course", str(copy.root), FIRST, "--force"]) == 0
    assert chapter.solution_notebook.read_bytes() == first
