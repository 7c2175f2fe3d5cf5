"""The verdicts on right and wrong answers, and what the executed notebook shows."""

from __future__ import annotations

import os
import signal
import time

import pytest
from workshop import SOLUTIONS, TESTS, cells_of, text_of, write_workshop

from autograder.errors import UserError
from autograder.grading import processes
from autograder.grading.outcome import ExerciseOutcome, StudentCell
from autograder.grading.session import Grader


def statuses(outcome) -> dict[str, str]:
    return {name: exercise.status for name, exercise in outcome.exercises.items()}


ALL_RIGHT = dict.fromkeys(SOLUTIONS, "passed") | {"guess": "failed"}
"""The last test gives 1 of its 2 points to every answer."""


# ---- verdicts ----------------------------------------------------------------------------------


def test_the_solution_earns_all_points(grade):
    outcome = grade()
    assert statuses(outcome) == ALL_RIGHT
    assert (outcome.earned, outcome.points) == (13, 14)
    assert outcome.exercises["scale"] == ExerciseOutcome(2, 2, "passed")
    assert outcome.events == []
    assert 0 < outcome.seconds < 20


def test_a_tests_last_value_is_partial_credit(grade):
    guess = grade().exercises["guess"]
    assert (guess.earned, guess.points, guess.message) == (1, 2, "1 of 2 points")


def test_only_the_exercises_asked_for_are_tested(grade):
    wrong = {"scale": "def scale(x, factor):\n    return 0 * x", "total": "total = 3"}
    outcome = grade(wrong, only={"total", "draw"})
    assert statuses(outcome) == {"total": "failed", "draw": "passed"}
    assert "not a function" in outcome.exercises["total"].message
    # what is not tested counts as right: it stands in for the student's in a second attempt
    assert statuses(grade({"scale": wrong["scale"]}, only={"total"})) == {"total": "passed"}


def test_a_wrong_result_loses_its_own_points_and_is_named(grade):
    outcome = grade({"scale": "def scale(x, factor):\n    return factor + x"})
    scale = outcome.exercises["scale"]
    assert (scale.earned, scale.status, scale.message) == (0, "failed", "wrong values")
    assert scale.diagnosis == "adds"
    assert "adds where it should multiply" in scale.advice
    assert statuses(outcome) == ALL_RIGHT | {"scale": "failed"}


def test_an_exception_is_reported_with_the_students_own_line(grade):
    outcome = grade({"scale": "def scale(x, factor):\n    y = x.foo\n    return y"})
    scale = outcome.exercises["scale"]
    assert scale.status == "error"
    assert scale.message == (
        "`scale` raised AttributeError: 'numpy.ndarray' object has no attribute 'foo' "
        "(line 2 of the cell: y = x.foo)"
    )
    assert "line 2: `y = x.foo`" in scale.advice


@pytest.mark.parametrize(
    "answer, status, message",
    [
        ("def scale(x, factor):\n    raise NotImplementedError", "missing", "is not written yet"),
        ("other = 1", "missing", "`scale` is not defined"),
        (None, "missing", "`scale` is not defined"),
        ("def scale(x, factor)\n    pass", "missing", "its cell raised SyntaxError: "),
        ("scale = 3", "failed", "`scale` is an int, not a function"),
        ("scale = object()", "failed", "an object is not plain data"),
        ("def scale(x, factor):\n    return None", "failed", "the result is not an array"),
        ("def scale(x):\n    return 3 * x", "error", "takes 1 positional argument but 2 were"),
        ("def scale(x, factor):\n    x *= factor\n    return x", "failed", "changes its input"),
        ("def scale(x, factor):\n    exit()\n    return x", "failed", "wrong values"),
        ("def scale(x, factor):\n    raise SystemExit", "error", "raised SystemExit"),
        ("def scale(x, factor):\n    return scale(x, factor)", "error", "RecursionError"),
        ("def scale(x, factor):\n    assert False, 'hm'", "error", "AssertionError: hm"),
        ("def scale(x, factor):\n    return (v for v in x)", "error", "generator is not plain"),
    ],
)
def test_the_message_says_what_is_off(sandboxed, answer, status, message):
    outcome = sandboxed({"scale": answer})
    scale = outcome.exercises["scale"]
    assert (scale.status, scale.earned) == (status, 0)
    assert message in scale.message
    assert statuses(outcome) == ALL_RIGHT | {"scale": status}


def test_no_message_shows_a_line_of_a_test(sandboxed):
    wrong = {
        name: f"def {name}(*args):\n    return None" for name in SOLUTIONS if name != "RATE"
    } | {"RATE": "RATE = 0.25"}
    outcome = sandboxed(wrong)
    assert outcome.earned == 0
    shown = repr(outcome)
    for source in TESTS.values():
        for line in source.strip().splitlines():
            assert line not in shown
    assert "the hidden test" not in shown and "<test>" not in shown


def test_a_mistake_in_one_exercise_costs_nothing_in_the_next(grade):
    for scale in (
        "def scale(x, factor):\n    return 0 * x",
        "x = 1",
        "def scale(x, f):\n    1 / 0",
    ):
        outcome = grade({"scale": scale})
        assert outcome.exercises["scale"].earned == 0
        assert outcome.exercises["total"].status == "passed", scale


def test_a_right_function_of_ones_own_may_have_more_arguments_than_the_solutions(grade):
    outcome = grade(
        {
            "scale": "def scale(x, factor, shift=0):\n    return factor * x + shift",
            "total": "def total(x):\n    return scale(x, 2, shift=1).sum() - len(x)",
        }
    )
    assert statuses(outcome) == ALL_RIGHT


def test_no_solution_comes_into_the_students_process_with_a_replaced_exercise(sandboxed):
    total = (
        "def total(x):\n"
        "    code = scale.__code__\n"
        "    raise ValueError(repr((code.co_filename[-10:], code.co_consts, scale(x, 2).tolist())))"
    )
    outcome = sandboxed({"scale": "def scale(x, factor):\n    return 0 * x", "total": total})
    message = outcome.exercises["total"].message
    assert "student.py" in message and "[2.0, 2.0, 2.0, 2.0]" in message


def test_later_cells_cannot_change_what_was_tested(grade):
    outcome = grade(last="def scale(x, factor):\n    return 0\nRATE = 7")
    assert statuses(outcome) == ALL_RIGHT


def test_exercises_without_a_test_cell_are_tested_all_the_same(sandboxed, chapter):
    cells = [cell for cell in cells_of() if cell.kind != "test"]
    assert statuses(sandboxed(cells=cells)) == ALL_RIGHT
    definitions = [cell for cell in cells if cell.id == "imports" or cell.kind == "solution"]
    assert statuses(sandboxed(cells=definitions)) == ALL_RIGHT


def test_a_notebook_without_answers_earns_nothing_and_ends(grade):
    outcome = grade(dict.fromkeys(SOLUTIONS))
    assert statuses(outcome) == dict.fromkeys(SOLUTIONS, "missing")
    assert outcome.earned == 0


def test_an_empty_notebook_earns_nothing_and_ends(sandboxed):
    outcome = sandboxed(cells=[StudentCell("only", "")])
    assert statuses(outcome) == dict.fromkeys(SOLUTIONS, "missing")


def test_warnings_on_standard_error_cost_no_points(grade):
    noisy = "import sys, warnings\ndef scale(x, factor):\n    warnings.warn('hm')\n"
    noisy += "    print('note', file=sys.stderr)\n    return factor * x"
    assert grade({"scale": noisy}).exercises["scale"].status == "passed"


# ---- what crosses ------------------------------------------------------------------------------

LIAR = """
class Liar:
    __array_priority__ = 1e9
    shape, dtype, size, ndim = (3,), np.dtype(float), 3, 1
    def __eq__(self, other): return True
    def __array__(self, *a, **k): return np.ones(3)
    def __getattr__(self, name): return lambda *a, **k: True
    def __call__(self, *a, **k): return self
"""


@pytest.mark.parametrize(
    "result",
    [
        "Liar()",
        "np.array([Liar()] * 3)",
        "type('A', (np.ndarray,), {'__eq__': lambda s, o: True})((3,))",
        "type('F', (float,), {'__eq__': lambda s, o: True, '__abs__': lambda s: 0})(3)",
        "lambda *a: True",
    ],
)
def test_an_object_that_claims_to_equal_everything_does_not_cross(sandboxed, result):
    answer = f"{LIAR}\ndef scale(x, factor):\n    return {result}\ntotal = scale"
    outcome = sandboxed({"scale": answer, "total": f"def total(x):\n    return {result}"})
    assert outcome.exercises["scale"].earned == 0
    assert outcome.exercises["total"].earned == 0


def test_patching_libraries_in_the_students_process_changes_no_verdict(grade):
    first = (
        "import numpy, builtins\n"
        "numpy.allclose = numpy.array_equal = lambda *a, **k: True\n"
        "builtins.abs = lambda x: 0\n"
        "builtins.AssertionError = ZeroDivisionError"
    )
    wrong = {
        "scale": "def scale(x, factor):\n    return 0 * x",
        "slope": "def slope(f, x):\n    f(x), f(x)\n    return 0.0",
    }
    outcome = grade(wrong, first=first)
    assert outcome.exercises["scale"].message == "wrong values"
    assert outcome.exercises["slope"].message == "wrong slope"


def test_a_function_given_to_the_student_is_called_where_the_test_stands(grade):
    slope = "def slope(f, x):\n    return (f(x + 1e-6) - f(x - 1e-6)) / 2e-6\n"
    assert grade({"slope": slope}).exercises["slope"].status == "passed"
    often = slope.replace("return", "f(x)\n    return")
    assert grade({"slope": often}).exercises["slope"].message == "f is not called twice"


def test_a_random_generator_is_as_far_on_as_the_student_has_drawn(grade):
    wasteful = "def draw(rng, n):\n    numbers = rng.normal(size=n)\n    rng.normal()\n"
    outcome = grade({"draw": wasteful + "    return numbers"})
    message = "the generator is not used as it should be"
    assert outcome.exercises["draw"].message == message


def test_an_object_of_the_students_class_answers_with_plain_data_only(sandboxed):
    counter = (
        "class Counter:\n"
        "    count = 2\n"
        "    def __init__(self, start): pass\n"
        "    def add(self, x): return type('Five', (), {'__eq__': lambda s, o: True})()\n"
    )
    outcome = sandboxed({"Counter": counter})
    assert outcome.exercises["Counter"].status == "error"
    assert "not plain data" in outcome.exercises["Counter"].message


def test_the_same_seed_stands_before_every_test_and_every_submission(grade):
    first = "import random, torch\nprint(random.random(), np.random.rand(), torch.rand(1).item())"
    guess = "def guess(x):\n    raise ValueError(np.random.normal())"
    one, two = (grade({"guess": guess}, first=first, last=first) for _ in range(2))
    assert text_of(one, "first") == text_of(two, "first")
    assert text_of(one, "last") == text_of(two, "last")
    assert one.exercises["guess"].message == two.exercises["guess"].message


def test_tests_do_not_move_the_notebooks_own_random_numbers(sandboxed):
    draw = StudentCell("last", "import numpy as np\nprint(np.random.rand())")
    tested = sandboxed(cells=[*cells_of(), draw])
    assert text_of(tested, "last") == text_of(sandboxed(cells=[draw]), "last")


# ---- what the notebook shows ---------------------------------------------------------------------


def test_every_kind_of_output_is_kept(grade):
    source = (
        "import sys\nimport matplotlib.pyplot as plt\nfrom IPython.display import display, HTML\n"
        "print('out')\nprint('err', file=sys.stderr)\ndisplay(HTML('<b>bold</b>'))\n"
        "plt.plot([1, 2])\nplt.title('$h_t$')\n6 * 7"
    )
    outcome = grade(first=source)
    outputs = outcome.cells["first"].outputs
    kinds = [output["output_type"] for output in outputs]
    assert kinds == ["stream", "stream", "display_data", "execute_result", "display_data"]
    assert outputs[0] == {"output_type": "stream", "name": "stdout", "text": "out\n"}
    assert outputs[1]["name"] == "stderr"
    assert outputs[2]["data"]["text/html"] == "<b>bold</b>"
    assert outputs[3]["data"] == {"text/plain": "42"}
    assert outputs[3]["execution_count"] == outcome.cells["first"].execution_count == 2
    assert outputs[4]["data"]["image/png"].startswith("iVBOR")


def test_the_outputs_make_a_valid_notebook(sandboxed):
    import nbformat

    source = (
        "import matplotlib.pyplot as plt\nplt.plot([1])\nplt.show()\nprint('\\ud800 \\x00')\n1/0"
    )
    outcome = sandboxed(first=source)
    cell = outcome.cells["first"]
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(
                source,
                execution_count=cell.execution_count,
                outputs=nbformat.from_dict(cell.outputs),
            )
        ]
    )
    nbformat.validate(notebook)
    assert "ZeroDivisionError" in nbformat.writes(notebook)


@pytest.mark.parametrize(
    "source, shown",
    [
        ("import asyncio\nawait asyncio.sleep(0.01)\nprint('waited')", "waited"),
        (
            "%matplotlib inline\n%config InlineBackend.figure_format = 'png'\nprint('drawn')",
            "drawn",
        ),
        ("%%time\nprint('timed')", "timed"),
        ("!ls /\nprint('went on')", "commands of the system are not run: !ls /"),
        ("files = !ls\nprint(files)", "[]"),
        ("input('name? ')", "input() cannot be answered"),
        ("from tqdm.auto import tqdm\nfor _ in tqdm(range(3)): pass\nprint('done')", "done"),
        ("import ipywidgets as w\nw.interact(lambda n: print('n', n), n=(0, 4));", "n 2"),
        ("exit()\nprint('still here')", "still here"),
        ("get_ipython().run_line_magic('who', '')\nprint('ok')", "ok"),
        ("open('data/numbers.txt').read()", "1 2 3"),
        ("from unrolled import steps\nsteps(full=9, graded=4)", "4"),
        ("check(lambda x: x)", "Nothing checked"),
        ("check(scale)", "agrees with the solution"),
        ("import matplotlib.pyplot as p\np.title('Ÿ€ż $\\\\Xi\\\\mathfrak{q}$')\np.show()\n9", "9"),
        ("class A:\n    def __repr__(self): 1/0\nA()", "ZeroDivisionError"),
        ("__name__", "__main__"),
        ("import torch\ntorch.ones(2, requires_grad=True).sum().backward()\nprint('grad')", "grad"),
        ("import multiprocessing as m\nprint(m.get_context('fork').Queue() and 'queue')", "queue"),
    ],
)
def test_a_notebook_can_do_what_notebooks_do(sandboxed, source, shown):
    outcome = sandboxed(last=source)
    assert shown in text_of(outcome, "last")
    expected = ("input", "class A")  # these two are to end in an error
    errors = [o for o in outcome.cells["last"].outputs if o["output_type"] == "error"]
    assert not errors or source.startswith(expected)
    assert statuses(outcome) == ALL_RIGHT


def test_an_error_in_one_cell_does_not_stop_the_next(grade):
    outcome = grade(first="1 / 0", last="print('went on')")
    (error,) = outcome.cells["first"].outputs
    assert (error["ename"], error["evalue"]) == ("ZeroDivisionError", "division by zero")
    assert "student.py" not in "".join(error["traceback"])
    assert text_of(outcome, "last") == "went on\n"


def test_what_calls_print_during_a_test_is_not_shown(sandboxed):
    answer = "def scale(x, factor):\n    print('chatter')\n    return factor * x"
    outcome = sandboxed({"scale": answer}, last="print('end')")
    assert "chatter" not in repr(outcome)
    assert text_of(outcome, "last") == "end\n"


def test_output_without_end_is_cut_and_reported(grade):
    flood = "for i in range(10**5):\n    print('x' * 100)"
    outcome = grade(first=flood, last="print('fine')", limits={"cell": 8, "output_cell": 5000})
    text = text_of(outcome, "first")
    assert 4500 < len(text) < 5300
    assert "more output is left out" in text
    assert [event.kind for event in outcome.events] == ["output"]
    assert text_of(outcome, "last") == "fine\n"


def test_output_is_limited_for_the_whole_notebook_too(sandboxed):
    cells = [StudentCell(f"c{i}", "print('x' * 900)") for i in range(12)]
    outcome = sandboxed(cells=cells, limits={"output_cell": 1000, "output_notebook": 5000})
    total = sum(len(text_of(outcome, cell.id)) for cell in cells)
    assert total < 7000
    assert {event.kind for event in outcome.events} == {"output"}


# ---- time --------------------------------------------------------------------------------------


def test_an_endless_cell_is_interrupted_and_the_notebook_goes_on(grade):
    loop = "kept = 1\nprint('before')\nwhile True:\n    pass"
    outcome = grade(first=loop, last="print(kept)", limits={"cell": 0.5})
    assert outcome.cells["first"].outputs[0]["text"] == "before\n"
    assert outcome.cells["first"].outputs[1]["ename"] == "TimeLimit"
    assert text_of(outcome, "last") == "1\n"
    assert [(event.kind, event.where) for event in outcome.events] == [("timeout", "first")]
    assert statuses(outcome) == ALL_RIGHT
    assert outcome.seconds < 5


@pytest.mark.parametrize(
    "stubborn",
    [
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        "sum(range(10**12))",
        "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True: pass",
        "import threading\nthreading.Event().wait()",
    ],
)
def test_a_cell_that_cannot_be_interrupted_is_killed_and_the_rest_runs_again(grade, stubborn):
    outcome = grade(last=stubborn, limits={"cell": 0.3, "grace": 0.3})
    assert statuses(outcome) == ALL_RIGHT
    outcome = grade(first=stubborn, limits={"cell": 0.3, "grace": 0.3})
    assert statuses(outcome) == ALL_RIGHT
    assert outcome.events[0].where == "first" and outcome.seconds < 5


def test_an_endless_function_costs_its_own_points_only(grade):
    for loop in ("while True: pass", "sum(range(10**12))"):
        answer = f"def draw(rng, n):\n    {loop}"
        outcome = grade({"draw": answer}, limits={"test": 0.4, "grace": 0.3})
        assert statuses(outcome) == ALL_RIGHT | {"draw": "timeout"}
        assert "takes too long" in outcome.exercises["draw"].message or (
            "ran longer" in outcome.exercises["draw"].message
        )
        assert outcome.seconds < 6


def test_an_endless_solution_cell_says_why_its_function_is_missing(sandboxed):
    answer = "while True: pass\ndef draw(rng, n):\n    return 0"
    outcome = sandboxed({"draw": answer}, limits={"cell": 0.5})
    draw = outcome.exercises["draw"]
    assert draw.status == "timeout"
    assert "interrupted after 0.5 seconds" in draw.message


def test_slow_experiments_use_up_the_notebooks_time_but_no_points(sandboxed):
    cells = cells_of(first="import time; time.sleep(9)", last="print('too late')")
    outcome = sandboxed(cells=cells, limits={"cell": 0.5, "notebook": 0.5})
    assert statuses(outcome) == ALL_RIGHT
    assert "last" not in outcome.cells
    assert [event.kind for event in outcome.events] == ["timeout", "skipped"]


def test_time_is_limited_for_the_whole_submission_whatever_its_parts_do(sandboxed):
    dying = "import os\nos._exit(1)"
    answers = {name: f"def {name}(*a):\n    while True: pass" for name in SOLUTIONS}
    start = time.monotonic()
    outcome = sandboxed(
        answers, first=dying, limits={"cell": 0.2, "test": 0.2, "grace": 0.1, "notebook": 1}
    )
    assert outcome.earned == 0
    assert time.monotonic() - start < 12


# ---- deaths --------------------------------------------------------------------------------------

DEATHS = {
    "exit": ("import os\nos._exit(3)", "exit code 3"),
    "segfault": ("import ctypes\nctypes.string_at(0)", "segmentation fault"),
    "abort": ("import os\nos.abort()", "signal"),
    "hang up": (
        "import os\nfor fd in range(3, 256):\n"
        "    try: os.close(fd)\n    except OSError: pass\nimport time; time.sleep(60)",
        "ended",
    ),
}


@pytest.mark.parametrize("how", DEATHS)
def test_what_was_earned_before_a_death_stays_earned(grade, how):
    body, said = DEATHS[how]
    answer = "def draw(rng, n):\n" + "".join(f"    {line}\n" for line in body.splitlines())
    outcome = grade({"draw": answer})
    assert statuses(outcome) == ALL_RIGHT | {"draw": "died"}
    assert said in outcome.exercises["draw"].message
    assert [(event.kind, event.where) for event in outcome.events] == [("died", "draw")]


@pytest.mark.parametrize("how", DEATHS)
def test_a_cell_that_ends_its_process_is_left_out_when_the_rest_runs_again(grade, how):
    outcome = grade(first=DEATHS[how][0], last="print('went on')")
    assert statuses(outcome) == ALL_RIGHT
    assert outcome.cells["first"].outputs[0]["ename"] == "ProcessEnded"
    assert text_of(outcome, "last") == "went on\n"


def test_deaths_without_end_are_not_followed_without_end(grade):
    dying = {name: f"def {name}(*args):\n    import os; os._exit(1)" for name in SOLUTIONS}
    outcome = grade(dying, limits={"restarts": 2})
    assert outcome.earned == 0
    assert set(statuses(outcome).values()) == {"died"}
    assert sum(event.kind == "died" for event in outcome.events) == 3
    assert "had ended too often" in outcome.exercises["guess"].message


def test_the_grader_starts_again_when_its_own_processes_were_killed(chapter, open_grader):
    for part in ("_students", "_examiners"):
        os.kill(getattr(open_grader, part).process.popen.pid, signal.SIGKILL)
        assert statuses(open_grader.grade(chapter, cells_of())) == ALL_RIGHT


# ---- the grader itself -----------------------------------------------------------------------------


def test_without_bubblewrap_it_says_what_to_do(chapter, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="--sandbox none"), Grader(chapter.course):
        pass


def test_an_unknown_sandbox_is_refused(chapter):
    with pytest.raises(UserError, match="`bwrap` or `none`"):
        Grader(chapter.course, sandbox="docker")


def test_a_chapter_that_cannot_be_read_is_an_error_of_the_course(open_grader, tmp_path):
    broken = write_workshop(tmp_path)
    broken.source.write_text(broken.source.read_text().replace("grade_id: test_scale", "a: b"))
    with pytest.raises(UserError, match="scale"):
        open_grader.grade(broken, cells_of())


@pytest.mark.parametrize(
    ("there", "instead", "said"),
    [
        ("import numpy as np\nfrom", "%matplotlib inline\nfrom", "the imports cell, line 1: "),
        ("assert RATE == 0.5,", "assert RATE ==,", "the test cell of RATE, line 7: invalid syntax"),
        ("assert RATE == 0.5,", "return 0.5,", "the test cell of RATE, line 7: 'return' outside"),
    ],
)
def test_a_cell_of_the_chapter_that_is_not_python_is_named(
    there, instead, said, open_grader, chapter, tmp_path
):
    broken = write_workshop(tmp_path)
    broken.source.write_text(broken.source.read_text().replace(there, instead, 1))
    with pytest.raises(UserError) as refusal:
        open_grader.grade(broken, cells_of())
    assert f"{broken.source}: {said}" in str(refusal.value)
    assert statuses(open_grader.grade(chapter, cells_of())) == ALL_RIGHT


def test_a_changed_chapter_is_read_again(open_grader, tmp_path):
    chapter = write_workshop(tmp_path)
    assert open_grader.grade(chapter, cells_of()).exercises["RATE"].status == "passed"
    text = chapter.source.read_text().replace("assert RATE == 0.5,", "assert RATE == 0.75,")
    chapter.source.write_text(text)
    assert open_grader.grade(chapter, cells_of()).exercises["RATE"].message == "wrong rate"


def test_where_nested_namespaces_are_refused_each_submission_gets_a_sandbox(
    chapter, grader, monkeypatch
):
    answer = processes.WarmProcess.wait_until_ready
    monkeypatch.setattr(
        processes.WarmProcess,
        "wait_until_ready",
        lambda self, what: answer(self, what) or next(refusals, ""),
    )
    monkeypatch.setattr(processes.syscalls, "missing", lambda: "an old kernel")
    # the sandbox is asked before the examiner
    refusals = iter(["not permitted here"])
    with Grader(chapter.course, "bwrap", grader.limits) as single:
        assert single.mode == "single"
        assert "not permitted here" in single.notice
        assert "not filtered (an old kernel)" in single.notice
        dying = {"draw": "def draw(rng, n):\n    import os; os._exit(3)"}
        outcome = single.grade(chapter, cells_of(dying))
        assert statuses(outcome) == ALL_RIGHT | {"draw": "died"}
        assert "exit code 3" in outcome.exercises["draw"].message
        outcome = single.grade(chapter, cells_of(first="import os\nos.memfd_create('hidden')"))
        assert statuses(outcome) == ALL_RIGHT
        assert "Function not implemented" in text_of(outcome, "first")


TOO_MUCH_MEMORY = """
import mmap, time
shared = mmap.mmap(-1, 2**31)
for place in range(0, 2**31, 4096):
    shared[place] = 1
time.sleep(20)
"""
"""2 GiB that no limit of a single process counts."""


def memory_events(outcome) -> list[str]:
    return [event.text for event in outcome.events if "processes together held" in event.text]


def test_memory_of_all_processes_together_is_limited(grade):
    outcome = grade(first=TOO_MUCH_MEMORY)
    assert memory_events(outcome)
    assert statuses(outcome) == ALL_RIGHT  # every answer runs again, without that cell


def test_processes_that_share_their_memory_are_not_counted_twice(sandboxed):
    if os.geteuid() != 0:
        pytest.skip("only root can look closely enough at the memory of other processes")
    source = """
import os, time
kept = bytearray(2**28)
kept[::4096] = b"x" * (2**28 // 4096)
for _ in range(7):
    if os.fork() == 0:
        time.sleep(1.5)
        os._exit(0)
time.sleep(1.5)
"""
    outcome = sandboxed(first=source)
    assert not outcome.events and statuses(outcome) == ALL_RIGHT
