"""Leaks of every kind are planted in a student's folder, and found."""

from __future__ import annotations

import base64
import html
import json

import nbformat
import numpy as np
import pytest

from autograder.authoring.leaks import find_leaks, says_something
from autograder.cli import main
from unrolled.key import key_bytes, read_key

from .conftest import FIRST, SECOND, edit

SOLUTION = "count = np.arange(1, len(x) + 1, dtype=x.dtype)"
SHORT = "return np.cumsum(x) / count"
HIDDEN = 'assert np.array_equal(x, before), "moving_mean changes its input"'
RUBRIC = "where that hurts, such as a sequence whose level has changed."
WRONG = "return np.full_like(x, x.mean())"


def test_a_built_course_has_none(built):
    assert find_leaks(built) == []


@pytest.fixture
def notebook(copy):
    """Changes the first chapter's student notebook."""

    def change(how) -> None:
        path = copy.chapters[FIRST].released_notebook
        content = nbformat.read(path, as_version=4)
        how(content)
        nbformat.write(content, path)

    return change


def output(text: str, mime: str = "text/plain"):
    data = nbformat.v4.new_output("display_data", data={mime: text})
    return lambda nb: nb.cells[3].update(outputs=[data])


PNG = base64.b64encode(b"\x89PNG tEXt " + SOLUTION.encode() + b"\0\0").decode()
PLANTED = {
    "the solution in a cell": (
        lambda nb: nb.cells[3].update(source=f"# x\n    {SOLUTION}"),
        SOLUTION,
    ),
    "a short line of it": (lambda nb: nb.cells[3].update(source=f"def f(x):\n    {SHORT}"), SHORT),
    "a line of it in another layout": (
        lambda nb: nb.cells[3].update(source=SHORT.replace(" ", "  ").replace("(", "( ")),
        None,
    ),
    "a line of it with a comment": (
        lambda nb: nb.cells[3].update(source=f"{SHORT}  # easy"),
        SHORT,
    ),
    "a hidden test": (
        lambda nb: nb.cells[4].update(source=nb.cells[4].source + "\n" + HIDDEN),
        HIDDEN,
    ),
    "a marker": (lambda nb: nb.cells[3].update(source="### BEGIN SOLUTION"), "### BEGIN SOLUTION"),
    "a rubric in prose": (lambda nb: nb.cells[0].update(source=f"Note: {RUBRIC}"), RUBRIC),
    "a wrong answer in prose": (lambda nb: nb.cells[0].update(source=f"Not `{WRONG}`!"), WRONG),
    "a line in an output": (output(f"1\n{SOLUTION}\n2"), SOLUTION),
    "a line in HTML": (output(f"<b>{html.escape(HIDDEN)}</b>", "text/html"), HIDDEN),
    "a line in a picture's metadata": (output(PNG, "image/png"), SOLUTION),
    "a number in an output": (output("0.129"), "cell 4 carries the output of a run"),
    "a line in a cell's metadata": (
        lambda nb: nb.cells[3].metadata.update(old=[SOLUTION, {"deep": 1}]),
        SOLUTION,
    ),
    "a line in the notebook's metadata": (lambda nb: nb.metadata.update(note={"a": SHORT}), SHORT),
    "a line as a key of metadata": (lambda nb: nb.metadata.update({SOLUTION: 1}), SOLUTION),
    "a line in an attachment": (
        lambda nb: nb.cells[0].update(attachments={"a.png": {"image/png": PNG}}),
        SOLUTION,
    ),
}


@pytest.mark.parametrize("kind", PLANTED)
def test_a_leak_in_a_notebook_is_found(kind, copy, notebook):
    plant, what = PLANTED[kind]
    notebook(plant)
    leaks = [str(leak) for leak in find_leaks(copy)]
    if what is None:
        assert any("/01" not in leak and "`return" in leak for leak in leaks), leaks
    else:
        assert any(what in leak and f"{FIRST}.ipynb" in leak for leak in leaks), leaks


def test_given_may_hold_what_the_course_gives_and_no_more(copy):
    given = copy.chapters[SECOND].released / "given.py"
    assert SOLUTION in given.read_text(encoding="utf-8")
    given.write_text(given.read_text(encoding="utf-8") + f"\n\ndef g(x):\n    {WRONG}\n")
    assert [leak.path for leak in find_leaks(copy)] == [given]
    edit(copy.solutions / "course.toml", 'given = { "00_first" = ["moving_mean"] }\n', "")
    from autograder.course import load_course

    leaks = [str(leak) for leak in find_leaks(load_course(copy.root))]
    assert any(SOLUTION in leak for leak in leaks)
    assert any("a file that the build does not make" in leak for leak in leaks)


def test_what_is_given_may_stand_nowhere_else(copy):
    (copy.release / "unrolled").mkdir()
    (copy.release / "unrolled" / "helper.py").write_text(f"def f(x):\n    {SOLUTION}\n")
    (leak,) = find_leaks(copy)
    assert leak.path.name == "helper.py"
    assert "a solution in 00_first.md" in leak.what


@pytest.mark.parametrize(
    "name, text",
    [
        (f"{FIRST}/{FIRST}.md", "# nothing"),
        (f"{FIRST}/answers/moving_mean/cases.py", "x = 1"),
        (f"{FIRST}/given.py", "x = 1"),
        ("notes.txt", "nothing"),
        ("09_gone/09_gone.ipynb", "{}"),
    ],
)
def test_a_file_that_the_build_does_not_make_is_found(copy, name, text):
    path = copy.release / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    assert any(
        leak.path == path and "a file that the build does not make" in leak.what
        for leak in find_leaks(copy)
    )


def test_environments_and_caches_are_no_part_of_the_course(copy):
    for name in (".venv/lib/x.py", "unrolled/__pycache__/x.pyc", ".ipynb_checkpoints/x.ipynb"):
        path = copy.release / name
        path.parent.mkdir(parents=True)
        path.write_text(SOLUTION)
    assert find_leaks(copy) == []


def damaged_key(copy, how):
    """The first chapter's key with its manifest changed by ``how``."""
    path = copy.chapters[FIRST].key_file
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive.files}
    manifest = json.loads(arrays["manifest"].tobytes())
    how(manifest, arrays)
    arrays["manifest"] = np.frombuffer(json.dumps(manifest).encode(), np.uint8)
    np.savez_compressed(path, **arrays)
    return [str(leak) for leak in find_leaks(copy)]


def test_a_key_as_it_is_holds_no_code(copy):
    assert damaged_key(copy, lambda manifest, arrays: None) == []
    path = copy.chapters[FIRST].key_file
    path.write_bytes(key_bytes(read_key(path)))
    assert find_leaks(copy) == []


@pytest.mark.parametrize(
    "text, what",
    [
        (SOLUTION, SOLUTION),
        (f"say: {HIDDEN}", HIDDEN),
        ("def f(x):\n    return x", "holds code: `def f(x):`"),
        ("lambda x: x + 1", "holds code"),
        ("import numpy", "holds code"),
        ("np.sum(x)", "holds code"),
    ],
)
def test_code_in_a_key_is_found(copy, text, what):
    leaks = damaged_key(copy, lambda manifest, arrays: manifest.update(note=text))
    assert any(what in leak and "key.npz" in leak for leak in leaks), leaks


def test_code_in_a_text_array_of_a_key_is_found(copy):
    leaks = damaged_key(copy, lambda manifest, arrays: arrays.update(a99=np.array([SOLUTION])))
    assert any(SOLUTION in leak for leak in leaks)


def test_pickles_in_a_key_are_found(copy):
    path = copy.chapters[FIRST].key_file
    np.savez(path, manifest=np.array([{"a": 1}], dtype=object))
    assert any("not a key of numbers and sentences" in str(leak) for leak in find_leaks(copy))


def test_the_build_looks_for_leaks(copy, capsys):
    (copy.release / "notes.txt").write_text(SOLUTION)
    for options in ([], ["--check"]):
        assert main(["build", "--course", str(copy.root), *options]) == 1
        said = capsys.readouterr().err
        assert f"leak: {copy.release / 'notes.txt'}: the file holds `{SOLUTION}`" in said


@pytest.mark.parametrize(
    "line",
    ["return h", "h = np.zeros((B, H))", "T, B, D = x.shape", "for t in range(len(x)):", "else:"]
    + [
        "import numpy as np",
        "rng = np.random.default_rng(7)",
        "before = x.copy()",
        ")",
        "# a b c d e f g",
    ]
    + ["x = rng.normal(size=(T, B, D)).astype(np.float32)", ""],
)
def test_lines_that_stand_everywhere_are_no_secret(line):
    assert not says_something(line)


@pytest.mark.parametrize(
    "line",
    [
        "return x @ W.T + b",
        "h[t] = np.tanh(a)",
        "    return np.cumsum(x) / count",
        "dh = dh_next + dh[t]",
    ]
    + [
        "h_t = np.tanh(x_t @ W_xh.T + h_prev @ W_hh.T + b_h)",
        "return e / e.sum(axis=-1, keepdims=True)",
    ],
)
def test_lines_of_a_solution_are(line):
    assert says_something(line)
