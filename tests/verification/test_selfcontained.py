"""Which test cells can run alone, and what is said of those that cannot."""

from __future__ import annotations

import pytest

from autograder.course import Exercise
from autograder.verification.selfcontained import problems

CELL = """from unrolled import check

check(double)
### BEGIN HIDDEN TESTS
{}
### END HIDDEN TESTS
"""


def exercise(test: str) -> Exercise:
    return Exercise("double", None, "", test, 1.0, ("double", "HELPER"))


def said(hidden: str) -> list[tuple[int, str]]:
    return [(p.line, p.text) for p in problems(exercise(CELL.format(hidden)))]


GOOD = """import numpy as np

def near(a, b):
    global count
    count = len(a)
    return all(abs(p - q) < 1e-9 for p, q in zip(a, b))

class Box:
    size = HELPER

x = np.arange(3)
y = double(x)
assert y.shape == x.shape, f"shape {y.shape}, expected {x.shape}"
assert near(y, [v + v for v in x]), "wrong values"
assert count == 3, "wrong length"
try:
    double(None)
except TypeError as error:
    assert "None" in str(error), "the error does not say what is wrong"
"""


def test_a_cell_that_imports_and_makes_all_it_uses_is_fine():
    assert said(GOOD) == []


@pytest.mark.parametrize(
    ("hidden", "line", "word"),
    [
        ("assert double(x) == 2, 'no'", 5, "it uses x,"),
        ("a = 1\nassert [double(a) for _ in range(n)], 'no'", 6, "it uses n,"),
        ("def g():\n    return other(1)\nassert double(1) == g(), 'no'", 6, "it uses other,"),
        ("from given import double_more\ndouble(1)", 5, "given"),
        ("import __main__\ndouble(1)", 5, "__main__"),
        ("def g():\n    from IPython import display\ndouble(1)", 6, "IPython"),
        ("from numpy import *\ndouble(1)", 5, "one by one"),
        ("from . import numpy\ndouble(1)", 5, "relative"),
        ("%timeit double(1)", 5, "IPython's"),
        ("!ls\ndouble(1)", 5, "IPython's"),
        ("double(1", 5, "not Python"),
        ("double = abs\nassert double(1), 'no'", 5, "binds double"),
        ("def double(x): return x\nassert double(1), 'no'", 5, "binds double"),
        ("double(globals()['x'])", 5, "`globals`"),
        ("x = 1", 1, "never use"),
        ("assert double(1) == 2", 5, "without a message"),
        ("expected = 2\nassert double(1) == expected, f'expected {expected}'", 6, "shows expected"),
        ("assert double(1) == 2, 'double(1) == 2 is false'", 5, "own code"),
        ("import numpy as np\nnp.testing.assert_allclose(double(1), 2)", 6, "expected values"),
    ],
)
def test_any_other_is_refused_with_its_line(hidden, line, word):
    found = said(hidden)
    assert len(found) == 1
    assert found[0][0] == line
    assert word in found[0][1]


@pytest.mark.parametrize(
    ("test", "line"),
    [
        (CELL.replace("check(double)", "check(double)\nprint(1)"), 4),
        (CELL.replace("from unrolled import check\n\n", ""), 1),
        (CELL.replace("check(double)", "check(double, 'double')"), 3),
        (CELL.replace("### END HIDDEN TESTS", ""), 1),
    ],
)
def test_the_visible_part_has_one_form_only(test, line):
    found = problems(exercise(test.format("assert double(1) == 2, 'wrong'")))
    assert [problem.line for problem in found] == [line]
    assert found[0].stops
