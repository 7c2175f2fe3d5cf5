"""A chapter with every kind of exercise, and notebooks of it, for the tests of the grader itself."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from autograder.course import Chapter, load_course
from autograder.grading.outcome import Outcome, StudentCell
from unrolled.key import make_exercise_key, write_key
from unrolled.outcomes import Case, Spec

SOLUTIONS = {
    "scale": "def scale(x, factor):\n    return factor * x",
    "total": "def total(x):\n    return scale(x, 2).sum()",
    "slope": "def slope(f, x):\n    return (f(x + 1e-6) - f(x - 1e-6)) / 2e-6",
    "draw": "def draw(rng, n):\n    return rng.normal(size=n)",
    "RATE": "RATE = 0.5",
    "Counter": (
        "class Counter:\n"
        "    def __init__(self, start):\n"
        "        self.count = start\n"
        "    def add(self, x):\n"
        "        self.count = self.count + x\n"
        "        return self.count"
    ),
    "guess": "def guess(x):\n    return np.random.normal() + x",
}
TESTS = {
    "scale": """
x = np.arange(3.0)
kept = x.copy()
y = scale(x, 3.0)
assert isinstance(y, np.ndarray), "the result is not an array"
assert y.shape == (3,), f"the result has shape {y.shape}, expected (3,)"
assert np.array_equal(x, kept), "scale changes its input"
assert np.allclose(y, 3 * kept), "wrong values"
assert np.allclose(scale(x=x, factor=2), 2 * kept), "wrong values"
""",
    "total": """
assert total(np.ones(4)) == 8.0, "wrong sum"
""",
    "slope": """
calls = []
def cube(x):
    calls.append(x)
    return x**3
assert abs(slope(cube, 2.0) - 12) < 1e-4, "wrong slope"
assert len(calls) == 2, "f is not called twice"
""",
    "draw": """
rng = np.random.default_rng(3)
again = np.random.default_rng(3)
assert np.array_equal(draw(rng, 5), again.normal(size=5)), "wrong numbers"
assert rng.normal() == again.normal(), "the generator is not used as it should be"
""",
    "RATE": """
assert RATE == 0.5, "wrong rate"
""",
    "Counter": """
counter = Counter(2)
assert counter.count == 2, "wrong start"
assert counter.add(3) == 5, "wrong sum"
assert counter.count == 5, "wrong count"
""",
    "guess": """
first = guess(0.0)
print(first)
assert -9 < first < 9, "not normal"
1.0
""",
}


def _cell(metadata: str, source: str) -> str:
    return f"```{{code-cell}} ipython3\n---\n{metadata}\n---\n{source}\n```\n"


def chapter_text() -> str:
    parts = [_cell("tags: [imports]", "import numpy as np\nfrom unrolled import check")]
    for name, solution in SOLUTIONS.items():
        grader = "nbgrader: {grade: %s, grade_id: %s, locked: %s, schema_version: 3, solution: %s"
        parts.append(
            _cell(
                grader % ("false", name, "false", "true") + ", task: false}",
                f"### BEGIN SOLUTION\n{solution}\n### END SOLUTION",
            )
        )
        parts.append(
            _cell(
                grader % ("true", f"test_{name}", "true", "false") + ", points: 2, task: false}",
                f"from unrolled import check\n\ncheck({name})\n### BEGIN HIDDEN TESTS\n"
                f"import numpy as np\nSECRET = 'the hidden test'\n{TESTS[name].strip()}\n"
                "### END HIDDEN TESTS",
            )
        )
    kernel = "kernelspec:\n  display_name: Python 3\n  language: python\n  name: python3\n"
    return f"---\n{kernel}---\n\n" + "\n".join(parts)


def write_workshop(root: Path) -> Chapter:
    """A course with the one chapter ``01_workshop``, its key and a data file beside the notebook."""
    folder = root / "solutions" / "01_workshop"
    folder.mkdir(parents=True)
    (folder / "01_workshop.md").write_text(chapter_text(), encoding="utf-8")
    course_file = root / "solutions" / "course.toml"
    course_file.write_text('title = "T"\n[[chapter]]\nname = "01_workshop"\n', encoding="utf-8")
    released = root / "course" / "01_workshop"
    (released / "data").mkdir(parents=True)
    (released / "data" / "numbers.txt").write_text("1 2 3", encoding="utf-8")
    (released / "01_workshop.ipynb").write_text("{}", encoding="utf-8")
    case = Case({"T": 4}, {"x": np.arange(4.0), "factor": 3.0})
    key = make_exercise_key(
        Spec("scale", {"y": "T"}),
        [case],
        lambda x, factor: factor * x,
        {"adds": ("This adds where it should multiply.", lambda x, factor: factor + x)},
    )
    write_key(released / "key.npz", {"scale": key})
    return load_course(root).chapters["01_workshop"]


def cells_of(
    answers: dict[str, str | None] | None = None,
    first: str = "",
    last: str = "",
    tests: bool = True,
) -> list[StudentCell]:
    """The notebook with the solutions, or the given answers in their place (None: left out).

    first, last: source of a cell before the first exercise and of one after the last test.
    """
    answers = {**SOLUTIONS, **(answers or {})}
    cells = [StudentCell("imports", "import numpy as np\nfrom unrolled import check")]
    if first:
        cells.append(StudentCell("first", first))
    for name in SOLUTIONS:
        if answers[name] is not None:
            cells.append(StudentCell(name, answers[name], "solution"))
        if tests:
            cells.append(StudentCell(f"test_{name}", "raise RuntimeError('not run')", "test"))
    if last:
        cells.append(StudentCell("last", last))
    return cells


def text_of(outcome: Outcome, cell: str) -> str:
    """Everything readable that a cell showed."""
    found = []
    for output in outcome.cells[cell].outputs:
        if output["output_type"] == "stream":
            found.append(output["text"])
        elif output["output_type"] == "error":
            found.append(re.sub(r"\s+", " ", "\n".join(output["traceback"])))
        else:
            found.append(output["data"].get("text/plain", ""))
    return "\n".join(found)
