"""The chapter that hostile submissions attack: small, and full of marked secrets.

Every text that no student may ever see carries a mark of its own. Whatever an attack brings to light
is then found by searching for the marks, however it got there.
"""

from __future__ import annotations

import json
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
from nbformat import NotebookNode
from traitlets.config import Config

from autograder.authoring.release import release
from autograder.course import Chapter, load_course
from autograder.grading.recording import default_db, open_gradebook
from unrolled.key import make_exercise_key, write_key
from unrolled.outcomes import Case, Spec

NAME = "01_vault"

SECRETS = {
    "a solution": "mark-solution-4f1c",
    "a hidden test": "mark-hidden-9b27",
    "an expected value": "271828.1828",
    "a rubric": "mark-rubric-c05d",
    "a wrong answer's code": "mark-answers-77aa",
    "another student's notebook": "mark-neighbour-e3b1",
    "the grader's environment": "mark-environment-5d90",
    "a file of the course": "mark-course-file-2e6b",
    "the gradebook": "mark-gradebook-8c44",
}
"""What must not get out, each by a mark that stands nowhere else."""

RIGHT = {
    "scale": 'def scale(x, factor):\n    """factor times x."""\n    return factor * x\n',
    "total": 'def total(x):\n    """Sum of twice x."""\n    return float(scale(x, 2.0).sum())\n',
    "slope": (
        'def slope(f, x):\n    """Slope of f at x."""\n'
        "    return (f(x + 1e-5) - f(x - 1e-5)) / 2e-5\n"
    ),
    "Counter": (
        "class Counter:\n"
        '    """Counts on from a start."""\n\n'
        "    def __init__(self, start):\n        self.count = start\n\n"
        "    def add(self, x):\n        self.count = self.count + x\n        return self.count\n"
    ),
}
"""What an honest student writes."""

POINTS = {"scale": 2.0, "total": 3.0, "slope": 2.0, "Counter": 1.0}
ALL = sum(POINTS.values())

_SIGNATURES = {
    "scale": "def scale(x, factor):\n",
    "total": "def total(x):\n",
    "slope": "def slope(f, x):\n",
    "Counter": "class Counter:\n",
}
_TESTS = {
    "scale": f"""
x = np.array([[1.0, 2.0, 3.0], [-1.0, 0.5, {SECRETS["an expected value"]}]])
kept = x.copy()
y = scale(x, 3.0)
assert isinstance(y, np.ndarray), "the result is not an array"
assert y.shape == (2, 3), f"the result has shape {{y.shape}}, expected (2, 3)"
assert y.dtype == np.float64, f"the result has dtype {{y.dtype}}"
assert np.array_equal(x, kept), "scale changes its input"
assert np.allclose(y, 3 * kept), "wrong values"
assert np.allclose(scale(x=x, factor=2.0), 2 * kept), "wrong values for names"
assert np.allclose(scale(kept[0], 0.5), [0.5, 1.0, 1.5]), "wrong values for a vector"
single = scale(kept.astype(np.float32), np.float32(2))
assert single.dtype == np.float32, "float32 went in and something else came out"
tensor = scale(torch.ones(2, dtype=torch.float64), 4.0)
assert torch.equal(tensor, torch.full((2,), 4.0, dtype=torch.float64)), "wrong for a tensor"
""",
    "total": """
assert total(np.ones(4)) == 8.0, "wrong sum"
assert abs(total(np.arange(5.0)) - 20.0) < 1e-9, "wrong sum of a range"
""",
    "slope": """
calls = []
def cube(x):
    calls.append(x)
    return x**3
assert abs(slope(cube, 2.0) - 12) < 1e-4, "wrong slope"
assert len(calls) == 2, "f is not called twice"
assert abs(slope(np.sin, 0.0) - 1) < 1e-4, "wrong slope of the sine"
""",
    "Counter": """
counter = Counter(2)
assert counter.count == 2, "wrong start"
assert counter.add(3) == 5, "wrong sum"
assert counter.count == 5, "wrong count"
""",
}


def _cell(metadata: str, source: str) -> str:
    return f"```{{code-cell}} ipython3\n---\n{metadata}\n---\n{source.strip()}\n```\n"


def text() -> str:
    """The chapter's source."""
    parts = [
        "# 1 · The vault\n\nFour functions and a question.\n",
        _cell(
            "tags: [imports]",
            "import numpy as np\nimport torch\n\nfrom unrolled import check, plots",
        ),
    ]
    marks = "nbgrader: {{grade: {}, grade_id: {}, locked: {}, schema_version: 3, solution: {}{}}}"
    for name, right in RIGHT.items():
        head = _SIGNATURES[name]
        parts.append(f"## About {name}\n")
        body = right.removeprefix(head)
        parts.append(
            _cell(
                marks.format("false", name, "false", "true", ", task: false"),
                f"{head}    ### BEGIN SOLUTION\n    # {SECRETS['a solution']}\n{body}"
                "    ### END SOLUTION",
            )
        )
        points = f", points: {POINTS[name]:g}, task: false"
        parts.append(
            _cell(
                marks.format("true", f"test_{name}", "true", "false", points),
                f"from unrolled import check\n\ncheck({name})\n### BEGIN HIDDEN TESTS\n"
                f"import numpy as np\nimport torch\n\n_secret = '{SECRETS['a hidden test']}'\n"
                f"{_TESTS[name].strip()}\n### END HIDDEN TESTS",
            )
        )
        parts.append(_cell("tags: []", f"print('an experiment with {name}')"))
    written = {"grade": True, "grade_id": "written_why", "locked": False, "points": 2}
    written |= {"schema_version": 3, "solution": True, "task": False}
    parts.append(
        f"+++ {json.dumps({'nbgrader': written})}\n\n### BEGIN SOLUTION\n"
        f"{SECRETS['a rubric']}\n### END SOLUTION\n\n+++\n"
    )
    parts.append(
        _cell(
            marks.format("false", "given_table", "true", "false", ", task: false"),
            'table = {"one": 1}',
        )
    )
    kernel = "kernelspec:\n  display_name: Python 3\n  language: python\n  name: python3\n"
    return f"---\n{kernel}---\n\n" + "\n".join(parts)


def build(root: Path) -> Chapter:
    """Write the course with its one chapter, its release, its key and its other secrets."""
    folder = root / "solutions" / NAME
    wrong = folder / "answers" / "scale" / "wrong"
    wrong.mkdir(parents=True)
    (folder / f"{NAME}.md").write_text(text(), encoding="utf-8")
    mark = SECRETS["a wrong answer's code"]
    (wrong / "adds.py").write_text(
        '"""This adds where it should multiply."""\n\n\n'
        f"def scale(x, factor):\n    # {mark}\n    return factor + x\n",
        encoding="utf-8",
    )
    (root / "solutions" / "course.toml").write_text(
        f'title = "Vault"\n\n[[chapter]]\nname = "{NAME}"\ntitle = "The vault"\nminutes = 5\n',
        encoding="utf-8",
    )
    (root / "private.txt").write_text(SECRETS["a file of the course"], encoding="utf-8")
    chapter = load_course(root).chapters[NAME]
    (chapter.released / "data").mkdir(parents=True)
    (chapter.released / "data" / "numbers.txt").write_text("1 2 3", encoding="utf-8")
    page = release(NAME, chapter.notebook())
    chapter.released_notebook.write_text(json.dumps(page, indent=1), encoding="utf-8")
    key = make_exercise_key(
        Spec("scale", {"y": "T"}),
        [Case({"T": 4}, {"x": np.arange(4.0), "factor": 3.0})],
        lambda x, factor: factor * x,
        {"adds": ("This adds where it should multiply.", lambda x, factor: factor + x)},
    )
    write_key(chapter.key_file, {"scale": key})
    give_gradebook(root)
    return chapter


@cache
def _empty_gradebook() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        open_gradebook(default_db(Path(folder)), Config()).close()
        return (Path(folder) / "gradebook.db").read_bytes()


def give_gradebook(root: Path) -> None:
    """Put an empty gradebook into a course: making one asks the `alembic` command, for seconds."""
    (root / "gradebook.db").write_bytes(_empty_gradebook())


def cell(page: NotebookNode, grade_id: str) -> NotebookNode:
    """The cell of that grade_id."""
    return next(c for c in page.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)
