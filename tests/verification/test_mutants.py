"""Mutants: what is changed, what is left alone, and how each is named."""

from __future__ import annotations

import ast
import textwrap

import pytest

from autograder.verification.mutants import make_mutants, without_line


def descriptions(body: str, signature: str = "def f(x, h, W, b, T):") -> list[str]:
    """What is said of the mutants of a function with this body, without the place."""
    lines = textwrap.indent(textwrap.dedent(body).strip(), "    ")
    source = f"{signature}\n    ### BEGIN SOLUTION\n{lines}\n    ### END SOLUTION\n"
    return [without_line(m.description).removeprefix("f: ") for m in make_mutants(source, "f")]


@pytest.mark.parametrize(
    ("body", "changed"),
    [
        ("return x + h", '"x + h" → "x - h"'),
        ("return x + h", '"x + h" → "x"'),
        ("return x @ W", '"x @ W" → "W @ x"'),
        ("return x @ W", '"x @ W" → "x * W"'),
        ("return x @ W", '"x @ W" → "x @ W.T"'),
        ("return x @ W.T", '"x @ W.T" → "x @ W"'),
        ("return x ** 2", '"x ** 2" → "x ** 3"'),
        ("return x * 0.5", '"x * 0.5" → "x * 1.0"'),
        ("return x[0]", '"x[0]" → "x[1]"'),
        ("return x[-1]", '"x[-1]" → "x[-2]"'),
        ("return x[T]", '"x[T]" → "x[T - 1]"'),
        ("return x[:T]", '"x[:T]" → "x[:T + 1]"'),
        ("return x[:, T:]", '"x[:, T:]" → "x[:, :]"'),
        ("return np.zeros(3)", '"np.zeros(3)" → "np.ones(3)"'),
        ("return x.max(axis=-1)", '"x.max(axis=-1)" → "x.min(axis=-1)"'),
        ("return x.max(axis=-1)", '"x.max(axis=-1)" → "x.max(axis=0)"'),
        ("return x.sum(0, keepdims=True)", '"x.sum(0, keepdims=True)" → "x.sum(0)"'),
        ("return np.zeros(3, dtype=x.dtype)", '"np.zeros(3, dtype=x.dtype)" → "np.zeros(3)"'),
        ("return np.tanh(x)", '"np.tanh(x)" → "1 / (1 + np.exp(-x))"'),
        ("return np.exp(x)", '"np.exp(x)" → "np.exp(-x)"'),
        ("return x.copy()", '"x.copy()" → "x"'),
        ("return np.where(x, h, b)", '"np.where(x, h, b)" → "np.where(x, b, h)"'),
        ("return np.concatenate([x, h])", '"np.concatenate([x, h])" → "np.concatenate([h, x])"'),
        ("return -x", '"return -x" → "return x"'),
        ("return x", '"return x" → "return -x"'),
        ("return x", '"return x" dropped'),
        ("return x, h", '"return (x, h)" → "return (h, x)"'),
        ("return x < h", '"x < h" → "x <= h"'),
        ("return x and h", '"x and h" → "x or h"'),
        ("x += h", '"x += h" → "x = h"'),
        ("x += h", '"x += h" → "x -= h"'),
        ("for t in range(T):\n    f(t)\n    f(x)", 'body of "for t in range(T):" dropped'),
        ("for t in range(T):\n    f(t)", '"range(T)" → "reversed(range(T))"'),
        ("for t in range(T):\n    f(t)", '"range(T)" → "range(T - 1)"'),
        ("for t in reversed(range(T)):\n    f(t)", '"reversed(range(T))" → "range(T)"'),
        ("if x:\n    return h", '"if x:" → "if not x:"'),
        ("return not x", '"return not x" → "return x"'),
        ("return [t for t in x if t]", '"return [t for t in x if t]" → "return [t for t in x if not t]"'),
    ],
)  # fmt: skip
def test_one_small_thing_is_changed(body, changed):
    assert changed in descriptions(body)


def test_a_mutant_differs_from_the_solution_and_from_every_other():
    source = textwrap.dedent(
        '''
        def f(x, W):
            """Twice 1 + 1."""
            ### BEGIN SOLUTION
            h = np.zeros((3, 4), dtype=x.dtype)
            for t in range(len(x)):
                h = np.tanh(x[t] @ W.T + h)
            return h / 2, h.sum(axis=0, keepdims=True)
            ### END SOLUTION
        '''
    )
    mutants = make_mutants(source, "f")
    codes = [mutant.code for mutant in mutants]
    assert len(set(codes)) == len(codes)
    assert ast.unparse(ast.parse(source)) not in codes
    names = [mutant.description for mutant in mutants]
    assert len(set(names)) == len(names)
    for mutant in mutants:
        compile(mutant.code, "<mutant>", "exec")
        assert '"""Twice 1 + 1."""' in mutant.code
    assert mutants == make_mutants(source, "f")


def test_only_what_stands_between_the_markers_is_changed():
    source = textwrap.dedent(
        """
        def f(x, eps=1e-6):
            y = x + 1
            ### BEGIN SOLUTION
            return y * eps
            ### END SOLUTION
        """
    )
    assert {mutant.line for mutant in make_mutants(source, "f")} == {5}


def test_errors_and_annotations_keep_their_text():
    said = descriptions('if x < 3:\n    raise ValueError(f"{x + 1} is below 3")\ny: int = h')
    assert "\"raise ValueError(f'{x + 1} is below 3')\" dropped" in said
    assert not any('"x + 1"' in text for text in said)


def test_a_description_says_function_and_line_and_which_of_several():
    source = "def f(x):\n    return g(x[0]) + g(x[0])\n"
    said = [mutant.description for mutant in make_mutants(source, "other")]
    assert 'f: line 2: "x[0]" → "x[1]" (1 of 2)' in said
    assert 'f: line 2: "x[0]" → "x[1]" (2 of 2)' in said
    assert [m.description for m in make_mutants("a = b + c", "other")][0].startswith("other: ")
