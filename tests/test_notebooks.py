"""The solution notebooks can be replayed: nbval compares every output that should be the same.

`make test` runs `pytest --nbval solutions` beside these tests. Here stands what nbval takes for
granted: that the notebooks were executed, hide nothing from it, and that it would notice.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from autograder.course import Chapter, Course, cell_id, load_course
from tests import nbval_matrix

CHAPTERS = list(load_course(Path(__file__).parent.parent).chapters)


@pytest.fixture(params=CHAPTERS)
def chapter(request: pytest.FixtureRequest, course: Course) -> Chapter:
    return course.chapters[request.param]


@pytest.fixture
def code_cells(chapter: Chapter) -> list[nbformat.NotebookNode]:
    notebook = nbformat.read(chapter.solution_notebook, as_version=4)
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def where(cell: nbformat.NotebookNode) -> str:
    return f"cell {cell_id(cell) or cell.get('id')}: {cell.source[:80]!r}"


def test_a_solution_was_executed_from_top_to_bottom(code_cells):
    assert [cell.execution_count for cell in code_cells] == list(range(1, len(code_cells) + 1))


def test_a_solution_runs_without_errors_and_warnings(code_cells):
    for cell in code_cells:
        for output in cell.outputs:
            assert output.output_type != "error", where(cell)
            assert output.get("name") != "stderr", f"{where(cell)} wrote {output.text!r}"


def test_a_solution_hides_no_cell_from_the_replay(code_cells):
    for cell in code_cells:
        assert "nbval-skip" not in cell.metadata.get("tags", []), where(cell)
        assert not re.search(r"#\s*NBVAL_", cell.source), where(cell)
        if "nbval-ignore-output" in cell.metadata.get("tags", []):
            assert cell_id(cell) is None, f"{where(cell)} is graded, so its output counts"


def test_a_solution_uses_nothing_that_looks_different_to_nbval(code_cells):
    for cell in code_cells:
        assert not cell.source.rstrip().endswith(";"), f"{where(cell)} hides a result with `;`"
        assert "clear_output" not in cell.source, where(cell)


def replay(notebook: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval", "--nbval-cell-timeout=60", "-q"]
        + ["-p", "no:cacheprovider", notebook.name],
        cwd=notebook.parent,
        capture_output=True,
        text=True,
    )


@pytest.fixture
def executed(tmp_path: Path) -> Path:
    """A notebook that prints one number, executed."""
    notebook = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        cells=[nbformat.v4.new_code_cell("print(round(2 ** 0.5, 3))")],
    )
    NotebookClient(notebook, timeout=60).execute()
    path = tmp_path / "small.ipynb"
    nbformat.write(notebook, path)
    return path


def test_a_replay_accepts_what_was_built_and_refuses_another_output(executed):
    assert replay(executed).returncode == 0
    notebook = nbformat.read(executed, as_version=4)
    notebook.cells[0].outputs[0].text = "1.415\n"
    nbformat.write(notebook, executed)
    done = replay(executed)
    assert done.returncode == 1
    assert "1.415" in done.stdout


def test_the_matrix_tries_only_kernels_that_the_cpu_has():
    full = nbval_matrix.settings({"avx2", "avx512f"})
    assert len(full) == 8
    assert {row["OPENBLAS_CORETYPE"] for row in full} == {"Haswell", "SkylakeX"}
    assert {row["OPENBLAS_CORETYPE"] for row in nbval_matrix.settings({"avx2"})} == {"Haswell"}
    assert nbval_matrix.settings(set()) == [
        {"OMP_NUM_THREADS": "1", "ATEN_CPU_CAPABILITY": "default"},
        {"OMP_NUM_THREADS": "2", "ATEN_CPU_CAPABILITY": "default"},
    ]


def test_the_matrix_says_so_where_there_is_nothing_to_replay(tmp_path, capsys):
    assert nbval_matrix.main(["--solutions", str(tmp_path)]) == 2
    assert "no notebook" in capsys.readouterr().err


def test_the_matrix_reports_a_notebook_that_differs(executed, capsys, monkeypatch):
    solutions = executed.parent / "solutions" / "small"
    solutions.mkdir(parents=True)
    executed.rename(solutions / "small.ipynb")
    monkeypatch.setattr(nbval_matrix, "settings", lambda flags: [{"OMP_NUM_THREADS": "1"}])
    arguments = ["--solutions", str(solutions.parent)]
    assert nbval_matrix.main(arguments) == 0
    text = (solutions / "small.ipynb").read_text().replace("1.414", "1.415")
    (solutions / "small.ipynb").write_text(text)
    assert nbval_matrix.main(arguments) == 1
    assert "DIFFERS" in capsys.readouterr().out
