"""given.py is lifted out of earlier chapters' text, with all that it needs and nothing else."""

from __future__ import annotations

import pytest

from autograder.authoring.given import given_source
from autograder.course import Course, load_course
from autograder.errors import UserError

CELL = """```{{code-cell}} ipython3
---
nbgrader: {{grade: false, grade_id: {name}, locked: false, schema_version: 3, solution: true, task: false}}
---
{source}```

```{{code-cell}} ipython3
---
nbgrader: {{grade: true, grade_id: test_{name}, locked: true, points: 1, schema_version: 3, solution: false, task: false}}
---
from unrolled import check

check({name})
```

"""


@pytest.fixture
def make(tmp_path):
    """Writes chapters from {name: (imports, {exercise: source}, given)} and loads the course."""

    def write(**chapters) -> Course:
        toml = 'title = "T"\n'
        for name, (imports, exercises, given) in chapters.items():
            name = name.removeprefix("c")
            folder = tmp_path / "solutions" / name
            folder.mkdir(parents=True)
            text = f"# {name}\n\n```{{code-cell}} ipython3\n:tags: [imports]\n\n{imports}```\n\n"
            for exercise, source in exercises.items():
                text += CELL.format(name=exercise, source=source)
            (folder / f"{name}.md").write_text(text, encoding="utf-8")
            toml += f'[[chapter]]\nname = "{name}"\ngiven = {{ {given} }}\n'
        (tmp_path / "solutions" / "course.toml").write_text(toml, encoding="utf-8")
        return load_course(tmp_path)

    return write


def run(source: str) -> dict:
    names: dict = {}
    exec(source, names)
    return names


def test_a_function_comes_without_markers_and_with_the_imports_it_needs(built):
    text = given_source(built.chapters["01_second"])
    assert "import numpy as np\n" in text
    assert "unrolled" not in text
    assert "### " not in text
    assert "# from 00_first\ndef moving_mean(x):" in text
    assert "moving_mean" in run(text)


def test_a_chapter_that_is_given_nothing_has_no_file(built):
    assert given_source(built.chapters["00_first"]) is None
    assert not built.chapters["00_first"].given_file.exists()


def test_what_a_shared_cell_defines_can_be_given_and_other_cells_cannot(make):
    course = make(
        c00_a=("import numpy as np\n", {}, ""),
        c01_b=("from given import Fast\n", {}, '"00_a" = ["Fast"]'),
        c02_c=("from given import slow\n", {}, '"00_a" = ["slow"]'),
    )
    source = course.chapters["00_a"].source
    cells = (
        "```{code-cell} ipython3\n:tags: [shared]\n\nSIZE = 3\n\n\n"
        "class Fast:\n    def zeros(self):\n        return np.zeros(SIZE)\n\n\nprint(1)\n```\n\n"
        "```{code-cell} ipython3\ndef slow():\n    pass\n```\n"
    )
    source.write_text(source.read_text(encoding="utf-8") + cells, encoding="utf-8")
    text = given_source(course.chapters["01_b"])
    assert "print" not in text
    assert run(text)["Fast"]().zeros().shape == (3,)
    with pytest.raises(UserError, match="no solution cell or shared cell there defines it"):
        given_source(course.chapters["02_c"])


def test_helpers_come_along_in_the_order_of_the_text(make):
    course = make(
        c00_a=(
            "import math\nimport numpy as np\nfrom math import tau as TURN\n\nLIMIT = 10\n",
            {
                "half": "def half(x):\n    return x / 2\n",
                "quarter": "def _check(x):\n    assert x < LIMIT\n\n\n"
                "# why: twice is simplest\ndef quarter(x):\n    _check(x)\n    return half(half(x)) * TURN\n",
                "unused": "def unused(x):\n    return np.sum(x)\n",
            },
            "",
        ),
        c01_b=("", {}, '"00_a" = ["quarter"]'),
    )
    text = given_source(course.chapters["01_b"])
    places = [
        text.index(part) for part in ("LIMIT = ", "def half", "def _check", "# why", "def quarter")
    ]
    assert places == sorted(places)
    assert "from math import tau as TURN" in text
    assert "import math\n" not in text and "numpy" not in text and "unused" not in text
    assert run(text)["quarter"](4.0) == pytest.approx(6.283185307179586)


def test_local_names_of_a_function_lift_nothing(make):
    course = make(
        c00_a=(
            "",
            {
                "h": "def h(x):\n    return x\n",
                "g": "def g(x):\n    h = x + 1\n    return [h for _ in (1,)]\n",
            },
            "",
        ),
        c01_b=("", {}, '"00_a" = ["g"]'),
    )
    assert "def h(" not in given_source(course.chapters["01_b"])


def test_what_a_chapter_was_given_itself_is_lifted_from_where_it_was_written(make):
    course = make(
        c00_a=("", {"one": "def one():\n    return 1\n"}, ""),
        c01_b=(
            "from given import one\n",
            {"two": "def two():\n    return one() + one()\n"},
            '"00_a" = ["one"]',
        ),
        c02_c=("from given import two\n", {}, '"01_b" = ["two"]'),
    )
    text = given_source(course.chapters["02_c"])
    assert "import one" not in text
    assert text.index("# from 00_a\ndef one") < text.index("# from 01_b\ndef two")
    assert run(text)["two"]() == 2


def test_classes_and_decorators_are_lifted_whole(make):
    course = make(
        c00_a=(
            "import functools\n",
            {
                "Cell": "@functools.cache\ndef size():\n    return 3\n\n\nclass Cell:\n    n = size()\n"
            },
            "",
        ),
        c01_b=("", {}, '"00_a" = ["Cell"]'),
    )
    assert run(given_source(course.chapters["01_b"]))["Cell"].n == 3


def test_a_name_that_no_solution_defines_is_refused(make):
    course = make(c00_a=("", {}, ""), c01_b=("", {}, '"00_a" = ["missing"]'))
    with pytest.raises(UserError, match="01_b is given missing of 00_a, but no solution cell"):
        given_source(course.chapters["01_b"])


def test_one_name_for_two_things_is_refused(make):
    source = {"f": "def f():\n    return 1\n"}
    course = make(
        c00_a=("", source, ""),
        c01_b=("", source, ""),
        c02_c=("", {}, '"00_a" = ["f"], "01_b" = ["f"]'),
    )
    with pytest.raises(UserError, match="given two things called f, from 00_a and from 01_b"):
        given_source(course.chapters["02_c"])
