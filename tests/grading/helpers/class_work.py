"""A course of one small chapter, and submissions of it, for the tests of grading."""

from __future__ import annotations

import copy
import functools
import json
import tempfile
from pathlib import Path

from nbformat import NotebookNode
from traitlets.config import Config

from autograder.authoring.release import release
from autograder.course import Chapter, Course, load_course
from autograder.grading.demo import filled
from autograder.grading.recording import default_db, open_gradebook

NAME = "00_small"
TEXT = '''---
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# 0 · A small chapter

```{code-cell} ipython3
:tags: [imports]

import numpy as np
```

## Doubling

```{code-cell} ipython3
---
nbgrader: {grade: false, grade_id: double, locked: false, schema_version: 3, solution: true, task: false}
---
def double(x):
    """Twice x."""
    ### BEGIN SOLUTION
    return 2 * np.asarray(x)
    ### END SOLUTION
```

```{code-cell} ipython3
---
nbgrader: {grade: true, grade_id: test_double, locked: true, points: 2, schema_version: 3, solution: false, task: false}
---
from unrolled import check

check(double)
### BEGIN HIDDEN TESTS
import numpy as np

secret_input = np.array([1.0, 2.5])
assert np.allclose(double(secret_input), [2.0, 5.0]), "double gives a wrong value"
### END HIDDEN TESTS
```

```{code-cell} ipython3
print("an experiment:", double([1.0]))
```

## Adding

```{code-cell} ipython3
---
nbgrader: {grade: false, grade_id: total, locked: false, schema_version: 3, solution: true, task: false}
---
def total(x):
    """Sum of x."""
    ### BEGIN SOLUTION
    return float(np.sum(x))
    ### END SOLUTION
```

```{code-cell} ipython3
---
nbgrader: {grade: true, grade_id: test_total, locked: true, points: 3, schema_version: 3, solution: false, task: false}
---
from unrolled import check

check(total)
### BEGIN HIDDEN TESTS
another_secret = [1.0, 2.0, 4.0]
assert total(another_secret) == 7.0, "total gives a wrong sum"
### END HIDDEN TESTS
```

```{code-cell} ipython3
---
nbgrader: {grade: false, grade_id: given_table, locked: true, schema_version: 3, solution: false, task: false}
---
table = {"one": 1}
```

+++ {"nbgrader": {"grade": true, "grade_id": "written_why", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}}

### BEGIN SOLUTION
Rubric. 2 points: says why.
### END SOLUTION
'''
CASES = """RETURNS = {"y": "N"}


def cases():
    yield {"dims": {"N": 2}, "args": {"x": [1.0, 2.0]}}
"""
# `known_as` is how the fake grader knows which mistake an answer is
WRONG = {
    "double": {
        "adds_two": (
            "This adds 2 where it should multiply by it.",
            "def double(x):\n    return np.asarray(x) + 2\n\n\ndouble.known_as = 'adds_two'\n",
        ),
        "squares": (
            "This multiplies x by itself, not by 2.",
            "def double(x):\n    return np.asarray(x) ** 2\n\n\ndouble.known_as = 'squares'\n",
        ),
    },
    "total": {
        "takes_the_mean": (
            "This is the mean: it divides the sum by the length.",
            "def total(x):\n    return float(np.mean(x))\n\n\ntotal.known_as = 'takes_the_mean'\n",
        )
    },
}
RIGHT = {
    "double": "def double(x):\n    return np.asarray(x) * 2\n",
    "total": "def total(x):\n    return float(np.asarray(x).sum())\n",
}


def small_chapter(root: Path, text: str = TEXT) -> Chapter:
    """Write the course into ``root``, its released notebook too; returns its chapter."""
    folder = root / "solutions" / NAME
    for exercise, answers in WRONG.items():
        (folder / "answers" / exercise / "wrong").mkdir(parents=True)
        (folder / "answers" / exercise / "cases.py").write_text(CASES)
        for name, (diagnosis, code) in answers.items():
            path = folder / "answers" / exercise / "wrong" / f"{name}.py"
            path.write_text(f'"""{diagnosis}"""\n\n{code}')
    (folder / f"{NAME}.md").write_text(text, encoding="utf-8")
    (root / "solutions" / "course.toml").write_text(
        f'title = "Small"\n\n[[chapter]]\nname = "{NAME}"\ntitle = "A small chapter"\nminutes = 5\n'
        '\n[[chapter]]\nname = "01_other"\ntitle = "Another"\nminutes = 5\n'
    )
    course: Course = load_course(root)
    chapter = course.chapters[NAME]
    chapter.released.mkdir(parents=True)
    page = release(NAME, chapter.notebook())
    chapter.released_notebook.write_text(json.dumps(page, indent=1), encoding="utf-8")
    return chapter


@functools.cache
def _empty_gradebook() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        open_gradebook(default_db(Path(folder)), Config()).close()
        return (Path(folder) / "gradebook.db").read_bytes()


def give_gradebook(root: Path) -> None:
    """Put an empty gradebook into a course: making one asks the `alembic` command, for seconds."""
    (root / "gradebook.db").write_bytes(_empty_gradebook())


def answered(page: NotebookNode, written: str | None = None, **answers: str) -> NotebookNode:
    """The released notebook with right answers, and with ``answers`` in place of some of them."""
    return filled(page, {**RIGHT, **answers}, written)


def cell(page: NotebookNode, grade_id: str) -> NotebookNode:
    """The cell of that grade_id."""
    return next(c for c in page.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def hand_in(folder: Path, student: str, page: NotebookNode | bytes | str) -> Path:
    """Write one student's notebook into the folder of a class."""
    path = folder / student / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(page, bytes):
        path.write_bytes(page)
    else:
        text = page if isinstance(page, str) else json.dumps(page)
        path.write_text(text, encoding="utf-8")
    return path


def changed(page: NotebookNode, **cells: str) -> NotebookNode:
    """A copy with other sources in the cells of these grade_ids."""
    page = copy.deepcopy(page)
    for grade_id, source in cells.items():
        cell(page, grade_id).source = source
    return page
