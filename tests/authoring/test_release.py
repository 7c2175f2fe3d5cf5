"""Students' notebooks are nbgrader's own, and nbgrader's commands go on working on them."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from autograder.authoring.release import release
from autograder.errors import UserError

from .conftest import FIRST

STOCK = """
from pathlib import Path
c = get_config()
root = Path(__file__).resolve().parent
c.CourseDirectory.course_id = "unrolled"
c.CourseDirectory.root = str(root)
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "course"
c.CourseDirectory.db_url = f"sqlite:///{root}/gradebook.db"
"""
OURS = ("c.CourseDirectory.ignore", "c.GenerateAssignment.post_convert_hook")


def nbgrader(folder: Path, *arguments: str) -> str:
    # nbgrader looks for the command `alembic`, which stands beside this Python
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_cells_keep_their_ids_and_lose_their_secrets(built):
    chapter = built.chapters[FIRST]
    solved = nbformat.read(chapter.solution_notebook, as_version=4)
    student = nbformat.read(chapter.released_notebook, as_version=4)
    nbformat.validate(student)
    assert [cell.id for cell in student.cells] == [cell.id for cell in solved.cells]
    assert [cell.id for cell in student.cells] == [cell.id for cell in chapter.notebook().cells]
    by_id = {cell.id: cell for cell in student.cells}
    assert by_id["moving_mean"].source.endswith(
        '"""\n    # YOUR CODE HERE\n    raise NotImplementedError()'
    )
    assert by_id["test_moving_mean"].source == "from unrolled import check\n\ncheck(moving_mean)"
    assert by_id["written_when"].source == "YOUR ANSWER HERE"
    assert by_id["test_moving_mean"].metadata.editable is False
    assert "unrolled" not in student.metadata
    experiments = [
        cell
        for cell in student.cells
        if cell.cell_type == "code"
        and "nbgrader" not in cell.metadata
        and "imports" not in cell.metadata.get("tags", [])
    ]
    assert experiments
    for cell in experiments:
        assert "raises-exception" in cell.metadata.tags, "Run All would stop here"
    for cell in student.cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


def test_what_nbgrader_refuses_is_said_in_a_sentence(built):
    notebook = built.chapters[FIRST].notebook()
    notebook.cells.append(nbformat.v4.new_code_cell("### BEGIN SOLUTION\n1\n### END SOLUTION"))
    with pytest.raises(UserError, match="00_first: nbgrader refuses to release it: RuntimeError"):
        release(FIRST, notebook)


def test_no_gradebook_is_touched(built):
    assert not list(built.root.rglob("*.db"))


def test_nbgraders_own_release_is_the_same(copy, repository, snapshot):
    """Formgrader's "Generate" must neither lose the key nor hand out answers."""
    ours = (repository / "nbgrader_config.py").read_text(encoding="utf-8").splitlines()
    config = STOCK + "\n".join(line for line in ours if line.startswith(OURS))
    (copy.root / "nbgrader_config.py").write_text(config, encoding="utf-8")
    before = {name: data for name, data in snapshot(copy).items() if name.startswith("course/")}
    nbgrader(copy.root, "generate_assignment", FIRST, "--force")
    after = {name: data for name, data in snapshot(copy).items() if name.startswith("course/")}
    assert after == before


def test_stock_validate_autograde_and_feedback_work(copy):
    (copy.root / "nbgrader_config.py").write_text(STOCK, encoding="utf-8")
    handed_in = copy.root / "submitted" / "student-001" / FIRST
    shutil.copytree(copy.chapters[FIRST].released, handed_in)
    path = handed_in / f"{FIRST}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        right = "return np.cumsum(x) / np.arange(1, len(x) + 1, dtype=x.dtype)"
        cell.source = cell.source.replace("raise NotImplementedError()", right)
        cell.source = cell.source.replace("YOUR ANSWER HERE", "When the level changes.")
    nbformat.write(notebook, path)
    assert "Success! Your notebook passes all the tests." in nbgrader(
        handed_in, "validate", path.name
    )

    nbgrader(copy.root, "generate_assignment", FIRST, "--force")
    nbgrader(copy.root, "autograde", FIRST)
    nbgrader(copy.root, "generate_feedback", FIRST)
    with sqlite3.connect(copy.root / "gradebook.db") as gradebook:
        scores = gradebook.execute("select auto_score from grade where auto_score is not null")
        assert [score for (score,) in scores] == [2.0]
    page = copy.root / "feedback" / "student-001" / FIRST / f"{FIRST}.html"
    assert "moving_mean" in page.read_text(encoding="utf-8")
