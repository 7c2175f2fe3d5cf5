"""What a student hears: the most basic thing off, in words that are short, exact and the same."""

import codecs
import functools
import random
import warnings

import numpy as np
import pandas as pd
import pytest
import torch

from unrolled.behaviours import BEHAVIOURS
from unrolled.diagnosis import diagnose, judge
from unrolled.key import make_exercise_key
from unrolled.outcomes import Case, Spec, observe


def raises(error):
    def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
        raise error

    return rnn_step


def returns(value):
    return lambda *args: value


def after(change):
    """A function that changes the right result."""

    def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
        return change(np.tanh(x_t @ W_xh.T + h_prev @ W_hh.T + b_h))

    return rnn_step


def first_only(change):
    """A change of the results for a batch of one."""
    return after(lambda h: change(h) if h.shape == (1, 5) else h)


def test_right_is_said_in_one_line(key, solution):
    verdict = judge(solution, key)
    assert verdict.right and verdict.kind == "right" and verdict.diagnosis is None
    assert verdict.text == "`rnn_step` agrees with the solution in all 4 cases."


def test_another_order_of_summation_is_right(key):
    def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
        both = np.concatenate([h_prev, x_t], axis=1)
        return np.tanh(b_h + both @ np.concatenate([W_hh, W_xh], axis=1).T)

    assert judge(rnn_step, key).right


def test_a_known_mistake_is_named(key):
    def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
        return np.tanh((W_hh @ h_prev.T).T + np.einsum("bd,hd->bh", x_t, W_xh))

    verdict = judge(rnn_step, key)
    assert verdict.diagnosis == "forgets_the_bias" and verdict.kind == "known"
    assert "equation 1.3" in verdict.text and not verdict.right


def test_a_known_mistake_that_raises_is_named_by_how_it_raises(key):
    def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
        inner = x_t @ W_xh + h_prev @ W_hh.T
        return np.tanh(inner + b_h)

    assert judge(rnn_step, key).diagnosis == "forgets_the_transpose"


def test_a_mistake_must_match_in_every_case(key):
    def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
        bias = b_h if len(x_t) == 1 else 0 * b_h
        return np.tanh(x_t @ W_xh.T + h_prev @ W_hh.T + bias)

    assert judge(rnn_step, key).kind == "values"


def test_a_known_mistake_that_also_changes_its_input_is_not_that_mistake(key):
    def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
        result = np.tanh(x_t @ W_xh.T + h_prev @ W_hh.T)
        x_t += 1
        return result

    verdict = judge(rnn_step, key)
    assert verdict.diagnosis is None and verdict.kind == "changed"


class NoText(Exception):
    def __str__(self):
        raise RuntimeError("no")


class Hostile:
    """An object whose every method raises."""

    def _trap(self, *args, **kwargs):
        raise AssertionError("a method of the student's object ran")

    __eq__ = __ne__ = __len__ = __iter__ = __bool__ = __repr__ = __str__ = __format__ = _trap
    __array__ = __float__ = __int__ = __index__ = __hash__ = __getitem__ = __getattr__ = _trap
    __array_ufunc__ = __add__ = __sub__ = __reduce_ex__ = __deepcopy__ = __copy__ = _trap


class Impostor:
    """Says that it is an array and that it equals everything."""

    __class__ = np.ndarray
    shape, dtype, ndim = (3, 5), np.dtype(float), 2

    def __eq__(self, other):
        return True

    def __array__(self, *args, **kwargs):
        raise SystemExit


class ExitingAttributes:
    def __call__(self, *args):
        return None

    def __getattribute__(self, name):
        raise SystemExit


def recursive_list():
    loop = []
    loop.append(loop)
    return loop


def deep_list():
    deep = []
    for _ in range(5000):
        deep = [deep]
    return deep


def counting():
    yield 1


async def later():
    return 1


def endless(*args):
    return endless(*args)


RESULTS = {
    "None": (returns(None), "nothing", "Did you forget `return`?"),
    "text": (returns("h"), "kind", "`h_t` is text (a str); return a NumPy array."),
    "bytes": (returns(b"h"), "kind", "a bytes"),
    "number": (returns(3.0), "kind", "a float; return a NumPy array"),
    "numpy number": (returns(np.float64(3)), "kind", "a float64"),
    "list": (after(lambda h: h.tolist()), "kind", "`h_t` is a list; return a NumPy array. Its numbers are right."),
    "other list": (returns([1, 2]), "kind", "`h_t` is a list; return a NumPy array."),
    "ragged list": (returns([[1], [2, 3]]), "kind", "a list"),
    "list of arrays": (after(list), "kind", "a list; return a NumPy array. Its numbers are right."),
    "recursive list": (returns(recursive_list()), "kind", "a list"),
    "deep list": (returns(deep_list()), "kind", "a list"),
    "long list": (returns([0] * 300_000), "kind", "a list"),
    "huge integers": (returns([10**400]), "kind", "a list"),
    "huge integer": (returns(10**5000), "kind", "an int"),
    "object array": (after(lambda h: h.astype(object)), "kind", "an array of dtype object"),
    "text array": (after(lambda h: h.astype(str)), "dtype", "`h_t` has dtype <U"),
    "date array": (after(lambda h: h.astype("M8[s]")), "kind", "dtype datetime64[s]"),
    "torch tensor": (after(torch.from_numpy), "kind", "`h_t` is a torch tensor; return a NumPy array. Its numbers are right."),
    "tensor with gradient": (returns(torch.ones(3, 5, requires_grad=True)), "kind", "a torch tensor"),
    "sparse tensor": (returns(torch.eye(3).to_sparse()), "kind", "a Tensor"),
    "data frame": (after(pd.DataFrame), "kind", "`h_t` is a DataFrame; return a NumPy array."),
    "series": (returns(pd.Series([1.0])), "kind", "a Series"),
    "masked array": (after(np.ma.masked_array), "kind", "a masked array"),
    "matrix": (after(np.asmatrix), "kind", "an np.matrix"),
    "memoryview": (after(memoryview), "kind", "a memoryview"),
    "generator": (returns(x for x in [1]), "kind", "a generator"),
    "generator function": (counting, "call", "takes 0 arguments, is called with 5"),
    "dict": (returns({"h_t": 1}), "kind", "a dict"),
    "set": (returns({1}), "kind", "a set"),
    "class": (returns(int), "kind", "a type"),
    "function": (returns(len), "kind", "a builtin_function_or_method"),
    "tuple": (after(lambda h: (h,)), "kind", "a tuple of 1"),
    "two results": (after(lambda h: (h, h)), "kind", "a tuple of 2"),
    "input": (lambda x_t, h_prev, *rest: x_t, "shape", "has shape (3, 4), that is (B, D); expected (3, 5), that is (B, H)."),
    "view of the input": (lambda x_t, h_prev, *rest: h_prev[:], "values", "all 15 entries"),
    "transposed": (after(lambda h: h.T), "shape", "(5, 3), that is (H, B); expected (3, 5), that is (B, H). Its transpose is right."),
    "axis too many": (after(lambda h: h[None]), "shape", "An axis of length 1 is too many."),
    "empty": (returns(np.zeros((0, 5))), "shape", "(0, 5)"),
    "enormous array": (returns(np.broadcast_to(0.0, (10**6, 10**6))), "kind", "an array of shape (1000000, 1000000)"),
    "float32": (after(lambda h: h.astype(np.float32)), "dtype", "`h_t` has dtype float32; expected float64."),
    "complex": (after(lambda h: h.astype(complex)), "dtype", "has dtype complex128; expected float64."),
    "longdouble": (after(lambda h: h.astype(np.longdouble)), "kind", "an array of shape"),
    "integers": (after(lambda h: h.astype(int)), "dtype", "has dtype int64"),
    "NaN": (after(lambda h: h * np.nan), "not_finite", "`h_t` is NaN in all 15 entries, the first at [0, 0]."),
    "infinite": (after(lambda h: h / 0), "not_finite", "infinite in all 15"),
    "huge numbers": (after(lambda h: h * 0 + h.dtype.type(3e38)), "values", "the largest error is 3e+38"),
    "beyond floats": (after(lambda h: np.sign(h) * np.finfo(h.dtype).max), "values", "all 15 entries"),
    "negative": (after(lambda h: -h), "values", "It is -1 times what it should be, everywhere."),
    "times B": (after(lambda h: h * 3), "values", "It is 3 (B = 3) times what it should be, everywhere."),
    "halved": (after(lambda h: h / 2), "values", "It is 1/2 times"),
    "shifted": (after(lambda h: h + 1), "values", "Every entry is too large by the same 1."),
    "zeros": (after(lambda h: h * 0), "values", "It is 0 everywhere."),
    "hostile": (returns(Hostile()), "kind", "`h_t` is a Hostile; return a NumPy array."),
    "hostile in a list": (returns([Hostile()]), "kind", "a list that holds a Hostile"),
    "impostor": (returns(Impostor()), "kind", "`h_t` is an Impostor; return a NumPy array."),
    "too few arguments": (lambda a, b: a, "call", "`rnn_step` takes 2 arguments, is called with 5: (x_t, h_prev, W_xh, W_hh, b_h)."),
    "too many arguments": (lambda a, b, c, d, e, f: a, "call", "takes 6 arguments, is called with 5"),
    "keywords only": (lambda *, a: a, "call", "takes 0 arguments"),
    "ufunc": (np.tanh, "call", "is called with 5"),
    "built-in": (len, "call", "takes 1 argument, is called with 5"),
    "class called": (dict, "raised", "`rnn_step` raised TypeError"),
    "partial": (functools.partial(after(np.negative)), "values", "-1 times"),
    "bound method": ([].append, "call", "takes 1 argument, is called with 5"),
    "hostile callable": (ExitingAttributes(), "nothing", "returned None"),
    "unwritten": (raises(NotImplementedError()), "unwritten", "`rnn_step` is not written yet"),
    "exception": (raises(KeyError("W")), "raised", "`rnn_step` raised KeyError: 'W'\nline "),
    "exception without text": (raises(NoText()), "raised", "`rnn_step` raised NoText."),
    "exit": (raises(SystemExit(1)), "raised", "It calls exit(); a function returns instead."),
    "generator exit": (raises(GeneratorExit()), "raised", "GeneratorExit"),
    "memory": (raises(MemoryError()), "raised", "MemoryError"),
    "assertion": (raises(AssertionError("x" * 10_000)), "raised", "xxx…"),
    "recursion": (endless, "raised", "It calls itself without end."),
}  # fmt: skip


@pytest.mark.parametrize("name", RESULTS)
def test_whatever_comes_back_gets_a_sentence(name, key):
    function, kind, words = RESULTS[name]
    verdict = judge(function, key)
    assert not verdict.right and verdict.diagnosis is None
    assert (verdict.kind, words in verdict.text) == (kind, True), verdict
    assert len(verdict.text) < 1000
    assert judge(function, key) == verdict, "the same every time"


def test_a_coroutine_is_closed_without_a_warning(key):
    async def rnn_step(*args):
        return args

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "a coroutine" in judge(rnn_step, key).text


def test_ctrl_c_goes_through(key):
    with pytest.raises(KeyboardInterrupt):
        judge(raises(KeyboardInterrupt()), key)


def test_exceptions_that_are_not_the_students_go_through_on_request(key):
    with pytest.raises(EOFError):
        judge(raises(EOFError()), key, through=(EOFError,))
    assert judge(raises(EOFError()), key).kind == "raised"


def test_the_line_that_raised_is_the_students_own(key):
    def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
        return np.concatenate([x_t, b_h])  # the line

    verdict = judge(rnn_step, key)
    assert "line " in verdict.text
    assert "`return np.concatenate([x_t, b_h])  # the line`" in verdict.text


def test_addresses_are_left_out_of_messages(key):
    verdict = judge(raises(ValueError(object())), key)
    assert "object at 0x…" in verdict.text


def test_the_most_basic_thing_is_said_first(key):
    def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
        x_t += 1
        return (np.tanh(x_t @ W_xh.T) * np.nan).T.astype(np.float32)

    assert judge(rnn_step, key).kind == "shape"


def test_the_failing_case_is_told_by_what_sets_it_apart(key):
    assert judge(first_only(lambda h: h.T), key).text.endswith(
        "Only with B = 1; the other 3 cases are right."
    )
    always_double = after(lambda h: h.astype(float))
    assert judge(always_double, key).text.endswith(
        "Keep the dtype that you are given.\nOnly with float32 input; the other 3 cases are right."
    )
    # an array too big for its batch fails in two of four, which no single size tells apart
    some = after(lambda h: h + 1 if h.shape == (3, 5) else h)
    assert "Only with B = 3 and D" not in judge(first_only(lambda h: h + 1), key).text
    assert "Only with B = 3; the other 2 cases are right." in judge(some, key).text


def test_a_case_is_told_by_its_words_or_by_a_number_that_it_is_given():
    def shifted(x, k):
        return x + k

    def spoiled(what):
        def shifted(x, k):
            return -7 - x - k if what(x, k) else x + k

        return shifted

    cases = [
        Case({"N": 2}, {"x": np.zeros(2), "k": 0}),
        Case({"N": 3}, {"x": np.ones(3), "k": 1}),
        Case({"N": 3}, {"x": np.full(3, 9e9), "k": 2}, "huge numbers"),
        Case({}, {"x": np.full(4, 5.0), "k": 3}),
    ]
    key = make_exercise_key(Spec("shifted", {"y": "N"}), cases, shifted)

    def said(what):
        return judge(spoiled(what), key).text

    assert said(lambda x, k: x[0] > 1e9).endswith(
        "Only with huge numbers; the other 3 cases are right."
    )
    assert said(lambda x, k: k == 0).endswith("Only with k = 0; the other 3 cases are right.")
    assert said(lambda x, k: len(x) == 3).endswith("Only with N = 3; the other 2 cases are right.")
    both = said(lambda x, k: k != 1)
    assert both.endswith("Wrong in 3 of 4 cases, here at N = 2; the other case is right.")
    assert "no sizes" not in said(lambda x, k: len(x) != 3)


def test_a_wrong_dtype_does_not_hide_wrong_numbers(key):
    text = judge(after(lambda h: (2 * h).astype(float)), key).text
    assert "`h_t` is wrong in all 15 entries" in text
    assert text.endswith(
        "Besides, `h_t` has dtype float64; expected float32. Keep the dtype that you are given."
    )


def test_a_size_taken_from_the_notebook_is_named(key):
    space = {"np": np, "B": 7, "D": 4}
    exec(
        "def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):\n"
        "    return np.tanh(x_t @ W_xh.T + h_prev @ W_hh.T + b_h)[:B] + np.zeros((B, 1))\n",
        space,
    )
    text = judge(space["rnn_step"], key).text
    assert text.endswith("It reads `B` of the notebook: take sizes from the arguments' shapes.")


def test_an_argument_changed_in_place_is_named(key):
    def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
        h_prev[:] = np.tanh(x_t @ W_xh.T + h_prev @ W_hh.T + b_h)
        return h_prev

    verdict = judge(rnn_step, key)
    assert verdict.kind == "changed"
    assert verdict.text.startswith("`rnn_step` changes its argument `h_prev` in place.")


def test_arguments_are_fresh_for_each_case_and_each_check(key, solution):
    def rnn_step(*args):
        for arg in args:
            arg[:] = 0
        return args[1]

    judge(rnn_step, key)
    assert judge(solution, key).right


def test_a_buffer_that_is_used_again_does_not_change_earlier_results(key, solution):
    buffers = {}

    def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
        out = buffers.setdefault((h_prev.shape, h_prev.dtype), np.empty_like(h_prev))
        out[:] = solution(x_t, h_prev, W_xh, W_hh, b_h)
        return out

    assert judge(rnn_step, key).right


def test_several_results_are_told_apart():
    def split(x):
        return x + 1, x * 2, x.sum()

    spec = Spec("split", {"a": "N", "b": "N", "total": ""})
    cases = [Case({"N": n}, {"x": np.arange(1.0, n + 1)}) for n in (3, 4)]
    key = make_exercise_key(spec, cases, split)
    assert judge(lambda x: list(split(x)), key).right
    verdict = judge(lambda x: (x + 1, x * 3, x.sum()), key)
    assert verdict.text.endswith("Right: `a`, `total`. Wrong: `b`.")
    verdict = judge(lambda x: (x, x), key)
    assert verdict.text == "`split` returned 2 results; expected 3: `a`, `b`, `total`."
    assert judge(lambda x: x, key).text.startswith("`split` returned 1 result; expected 3")
    assert judge(lambda x: None, key).kind == "nothing"
    assert "`b` is None" in judge(lambda x: (x + 1, None, 0.0), key).text
    assert "`total` is off by 6" in judge(lambda x: (x + 1, x * 2, 2 * x.sum()), key).text
    wrong = judge(lambda x: (x + 1, x * 2, "six"), key)
    assert wrong.text == "`total` is text (a str); expected a number."
    assert judge(lambda x: (x + 1, x * 2, np.array(x.sum())), key).right
    assert judge(lambda x: (x + 1, x * 2, int(x.sum())), key).right
    assert judge(lambda x: (x + 1, x * 2, 10**400), key).text.startswith("`total` is off by more")


VALUES = [
    (12, [(12, True), (np.int64(12), True), (13, "too large"), (12.0, "Its numbers are right")]),
    (2.5, [(2.5, True), (np.float32(2.5), True), (True, "a bool"), (float("nan"), "is NaN")]),
    (True, [(True, True), (np.True_, True), (1, "an int; expected True or False"), (False, "it should be True")]),
    ("abc", [("abc", True), ("abd", "from character 2 on"), ("ab", "2 characters; expected 3"), (b"abc", "expected text")]),
    ([1, 2], [([1, 2], True), ((1, 2), True), (np.array([1, 2]), True), ([1], "1 item; expected 2"), ([1, 3], "`r[1]` is too large")]),
    ({"W": np.ones(2)}, [({"W": np.ones(2)}, True), ({}, "no key 'W'"), ({"W": np.ones(2), "b": 1}, "too many: 'b'"), ({"W": np.ones(3)}, "`r['W']` has shape (3,)"), ([], "expected a dict")]),
    (torch.ones(2), [(torch.ones(2), True), (np.ones(2), "return a torch tensor"), (torch.ones(2).double(), "torch.float64; expected torch.float32"), (torch.zeros(2), "all 2")]),
    (np.array([True, False]), [(np.array([True, False]), True), (np.array([True, True]), "`r[1]` is True and should be False"), (np.array([1, 0]), "dtype int64; expected bool")]),
    (np.array(["a", "b"]), [(np.array(["a", "b"]), True), (np.array(["a", "ccc"]), "1 of 2 entries, the first at [1]")]),
    (1j, [(1j, True), (2j, "off by 1"), ("i", "a str")]),
    (None, [(None, True), (1, "expected None")]),
]  # fmt: skip


@pytest.mark.parametrize(("expected", "answers"), VALUES, ids=lambda v: type(v).__name__)
def test_every_kind_of_result_is_compared_by_its_kind(expected, answers):
    key = make_exercise_key(Spec("f", {"r": ""}), [Case({}, {})], lambda: expected)
    for answer, outcome in answers:
        verdict = judge(lambda answer=answer: answer, key)
        assert verdict.right if outcome is True else outcome in verdict.text, verdict


def test_errors_over_time_are_told_by_time():
    def steps(x):
        return np.cumsum(x, axis=0)

    x = np.random.default_rng(0).normal(size=(6, 2))
    key = make_exercise_key(Spec("steps", {"s": "T B"}), [Case({"T": 6, "B": 2}, {"x": x})], steps)
    late = judge(lambda x: np.concatenate([np.cumsum(x[:2], 0), x[2:]]), key)
    assert late.text.endswith("Its first 2 steps are right.")
    assert judge(lambda x: np.cumsum(x, 0)[::-1], key).text.endswith("the time axis is reversed.")


def test_the_tolerance_of_the_spec_is_used():
    cases = [Case({}, {})]
    for rtol, right in ((None, False), (0.1, True)):
        key = make_exercise_key(Spec("f", {"r": ""}, rtol=rtol), cases, lambda: 1.0)
        assert judge(lambda: 1.01, key).right is right


def test_verdicts_do_not_depend_on_global_randomness_and_leave_it_alone(key):
    def rnn_step(*args):
        return np.full((3, 5), np.random.rand() + random.random() + torch.rand(1).item())

    random.seed(1), np.random.seed(1), torch.manual_seed(1)
    expected = random.random(), np.random.rand(), torch.rand(1)
    random.seed(1), np.random.seed(1), torch.manual_seed(1)
    first = judge(rnn_step, key)
    assert (random.random(), np.random.rand(), torch.rand(1)) == expected
    assert judge(rnn_step, key) == first


def test_a_generator_among_the_arguments_may_be_used():
    key = make_exercise_key(
        Spec("draw", {"x": "N"}),
        [Case({"N": 3}, {"rng": np.random.default_rng(4)})],
        lambda rng: rng.normal(size=3),
    )
    assert judge(lambda rng: rng.standard_normal(3), key).right
    assert judge(lambda rng: np.random.default_rng().normal(size=3), key).kind == "values"


def test_named_functions_are_handed_over():
    key = make_exercise_key(
        Spec("twice", {"y": ""}),
        [Case({}, {"f": {"callable": "sum_of_squares"}, "x": np.array([1.0, 2.0])})],
        lambda f, x: 2 * f(x),
    )
    assert judge(lambda f, x: f(x) + f(x), key).right
    assert judge(lambda f, x: f(x), key).text == "`y` is off by 5."


@pytest.mark.parametrize("weights", [(5.0, 3.0, 0.0), (20.0, 9.0, -0.2), (4.0, 2.5, -0.05)])
def test_every_latch_that_works_is_right(latch_key, weights):
    x, h, b = weights
    assert judge(lambda: (np.array([[x]]), np.array([[h]]), np.array([b])), latch_key).right


def test_a_latch_is_judged_by_what_it_does(latch_key):
    def weights(x, h, b, shape=(1,)):
        return lambda: (np.array([[x]]), np.array([[h]]), np.full(shape, b))

    assert judge(weights(9.0, 0.2, 0.0), latch_key).diagnosis == "leaks"
    always_on = judge(weights(5.0, 3.0, 2.0), latch_key)
    assert "`on` is wrong in" in always_on.text and "is True and should be False" in always_on.text
    assert always_on.text.startswith("Your unit was run on pulse trains: `on[t, b]` says whether")
    assert judge(weights(5.0, 3.0, 0.0, (1, 1)), latch_key).kind == "shape"
    assert judge(weights(np.nan, 3.0, 0.0), latch_key).kind == "not_finite"
    assert judge(lambda: ([[5.0]], [[3.0]], [0.0]), latch_key).kind == "kind"
    assert judge(weights(5, 3, 0), latch_key).right, "whole numbers do as well"


@pytest.mark.parametrize("name", sorted(BEHAVIOURS))
def test_what_a_behaviour_shows_is_explained_unless_it_is_a_result(name):
    behaviour = BEHAVIOURS[name]
    results = {"sampling": {"ids"}, "lstm_products": {"h", "c", "gates"}, "lstm_start": {"b"}}
    results |= {"encoding": {"ids"}, "sigmoid": {"s"}, "cell_step": {"h_t", "c_t"}}
    results |= {"layers": {"h"}, "last_states": {"last"}, "resumed": {"epoch"}}
    results |= {name: {"loss"} for name in ("masked_loss", "epoch", "evaluation")}
    assert set(behaviour.says) == set(behaviour.shows) - results.get(name, set())
    assert all(f"`{part}" in text for part, text in behaviour.says.items())


# those that run the student's function in a way of their own are tried in test_modules.py
@pytest.mark.parametrize("name", sorted(n for n, b in BEHAVIOURS.items() if b.takes is None))
def test_no_answer_breaks_a_behaviour(name):
    inputs = {part: np.ones((2, 2)) for part in BEHAVIOURS[name].inputs}
    whole, wild = np.zeros((1, 1), int), np.array([np.nan, -1e300, np.inf])
    answers = [None, 3, "W", [1], np.random.default_rng(0), whole, wild, np.float32(1), object()]
    for count in (1, 2, 3):
        spec = Spec("f", {letter: "" for letter in "abc"[:count]}, observe=name)
        for answer in answers:
            returned = (answer,) * count if count > 1 else answer
            outcome = observe(lambda returned=returned: returned, Case({}, inputs), spec)
            assert outcome.raised is None and len(outcome.results) == count


def test_a_key_of_an_observed_behaviour_does_not_tell_the_weights(latch_key):
    for outcome in latch_key.outcomes:
        assert all(not result.any() for result in outcome.results)


def test_the_exercise_is_found_by_the_functions_name(key, solution):
    assert diagnose(solution, key={"rnn_step": key}).right
    assert diagnose(lambda *a: solution(*a), "rnn_step", {"rnn_step": key}).right
    assert diagnose(solution, key=key).right


def written(source, solution=None):
    """A chapter's names, as in a notebook: its functions refer to each other by name."""
    names = {"np": np}
    if solution is not None:
        names["rnn_step"] = solution
    exec(source, names)
    return names


FORWARD = """
def rnn_forward(x, h_0, W_xh, W_hh, b_h):
    h = np.empty((len(x), *h_0.shape), h_0.dtype)
    for t, x_t in enumerate(x):
        h_0 = h[t] = rnn_step(x_t, h_0, W_xh, W_hh, b_h)
    return h
"""


@pytest.fixture
def chapter(key, solution):
    """Two exercises, of which the second may call the first."""
    rng = np.random.default_rng(0)
    shapes = {"x": (6, 3, 4), "h_0": (3, 5), "W_xh": (5, 4), "W_hh": (5, 5), "b_h": (5,)}
    cases = [
        Case(
            {"T": 6, "B": 3, "D": 4, "H": 5},
            {name: rng.normal(size=shape).astype(dtype) for name, shape in shapes.items()},
        )
        for dtype in (np.float64, np.float32)
    ]
    from_zero = FORWARD.replace("    h =", "    h_0 = np.zeros_like(h_0)\n    h =", 1)
    double = FORWARD.replace("h_0.dtype)", "float)")
    forward, ignores, wide = (
        written(source, solution)["rnn_forward"] for source in (FORWARD, from_zero, double)
    )
    mistakes = {
        "returns_float64": ("The states are float64 whatever comes in.", wide),
        "ignores_h_0": ("The first state is `h_0`, not zeros.", ignores),
    }
    spec = Spec("rnn_forward", {"h": "T B H"})
    return {"rnn_step": key, "rnn_forward": make_exercise_key(spec, cases, forward, mistakes)}


STEP = "def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):\n    "


def test_only_the_checked_functions_own_mark_makes_it_unwritten(chapter):
    names = written(STEP + "raise NotImplementedError()\n" + FORWARD)
    verdict = diagnose(names["rnn_forward"], key=chapter)
    assert verdict.kind == "waits" and not verdict.right
    assert verdict.text == (
        "`rnn_step`, which `rnn_forward` calls, is not written yet: write that one first."
    )
    assert diagnose(names["rnn_step"], key=chapter).kind == "unwritten"

    def rnn_step(*args):
        def inner():
            raise NotImplementedError

        return [inner() for _ in args]

    assert diagnose(rnn_step, key=chapter).kind == "unwritten", "its own inner function"
    assert diagnose(lambda *a: names["rnn_step"](*a), "rnn_step", chapter).kind == "unwritten"


def test_a_library_that_does_not_implement_something_is_no_unwritten_exercise(key):
    def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
        return codecs.Codec().encode("x")

    verdict = judge(rnn_step, key)
    assert verdict.kind == "raised" and "raised NotImplementedError" in verdict.text


def test_a_wrong_function_that_is_called_is_named_first(chapter):
    wrong = STEP + "return np.tanh(x_t @ W_xh.T + 2 * h_prev @ W_hh.T + b_h)\n"
    verdict = diagnose(written(wrong + FORWARD)["rnn_forward"], key=chapter)
    first, rest = verdict.text.split("\n", 1)
    assert first == "`rnn_step`, which it calls, does not pass its own check: mend that one first."
    assert rest.startswith("`h` is wrong in") and verdict.kind == "values"
    inner = "def rnn_forward(*a):\n    return [rnn_step(*a) for _ in a]\n"
    assert diagnose(written(wrong + inner)["rnn_forward"], key=chapter).text.startswith(first)


def test_what_is_called_is_left_alone_where_it_is_right_or_not_called(chapter, solution):
    for source in (
        FORWARD.replace("return h", "return -h"),
        "def rnn_step(): pass\ndef rnn_forward(x, *rest):\n    return x.rnn_step",
    ):
        names = written(source) if "def rnn_step" in source else written(source, solution)
        verdict = diagnose(names["rnn_forward"], key=chapter)
        assert not verdict.right and "which it calls" not in verdict.text
    right = written(STEP + "pass\n" + FORWARD.replace("rnn_step", "step"))
    right["step"] = solution
    assert diagnose(right["rnn_forward"], key=chapter).right
    partial = functools.partial(written(STEP + "pass\n" + FORWARD)["rnn_forward"])
    assert "which it calls" not in diagnose(partial, "rnn_forward", chapter).text


def test_functions_that_call_each_other_are_judged_once(chapter):
    circle = (
        "def rnn_step(*args): return rnn_forward(*args)\n"
        "def rnn_forward(*args): return rnn_step(*args)\n"
    )
    verdict = diagnose(written(circle)["rnn_forward"], key=chapter)
    assert verdict.text.startswith("`rnn_step`, which it calls, does not pass its own check")
    assert "It calls itself without end." in verdict.text


def test_a_known_mistake_keeps_its_name_where_a_called_function_is_wrong(chapter):
    own = "rnn_step and np.tanh(x_t @ W_xh.T + (t > 0) * h_0 @ W_hh.T + b_h)"
    forward = FORWARD.replace("rnn_step(x_t, h_0, W_xh, W_hh, b_h)", own)
    verdict = diagnose(written(STEP + "return x_t\n" + forward)["rnn_forward"], key=chapter)
    assert verdict.diagnosis == "ignores_h_0" and verdict.kind == "known"
    assert verdict.text.startswith("`rnn_step`, which it calls, does not pass its own check")


def test_a_known_mistake_does_not_hide_behind_a_dtype(chapter, solution):
    source = FORWARD.replace("    h =", "    h_0 = np.zeros(h_0.shape)\n    h =", 1)
    verdict = diagnose(written(source, solution)["rnn_forward"], key=chapter)
    assert verdict.diagnosis == "ignores_h_0"
    assert verdict.text.endswith(
        "The first state is `h_0`, not zeros.\n"
        "Besides, `h` has dtype float64; expected float32. Keep the dtype that you are given."
    )


def test_right_numbers_in_another_dtype_are_no_known_mistake(chapter, solution):
    for dtype in ("float16", "float32"):
        source = FORWARD.replace("return h", f"return h.astype(np.{dtype})")
        verdict = diagnose(written(source, solution)["rnn_forward"], key=chapter)
        assert verdict.diagnosis is None and verdict.kind == "dtype", verdict
    source = FORWARD.replace("h_0.dtype)", "float)")
    assert diagnose(written(source, solution)["rnn_forward"], key=chapter).diagnosis == (
        "returns_float64"
    ), "a known mistake that is one of dtype still is"


def test_a_factor_that_rounds_to_one_is_not_told(key):
    verdict = judge(after(lambda h: h * (1 + 4e-6) if h.dtype == float else h), key)
    assert verdict.kind == "values" and "times what it should be" not in verdict.text


def rnn_setp(x_t, h_prev, W_xh, W_hh, b_h):
    return None


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (rnn_setp, "There is no exercise `rnn_setp` here. Did you mean `rnn_step`?"),
        (np.tanh, "There is no exercise `tanh` here. The exercises are `rnn_step`."),
        ("rnn_step", "Write `check(rnn_step)`, without quotes"),
        ("rnn_stp", "`check` takes a function, not text. Did you mean `rnn_step`?"),
        (np.ones(3), "was given a ndarray. Write `check(rnn_step)`, without calling the function."),
        (None, "was given None"),
        (Hostile(), "was given a Hostile"),
        (lambda x: x, "a lambda has none. Define it with `def`"),
        (functools.partial(rnn_setp), "a partial has none"),
        (ExitingAttributes(), "an ExitingAttributes has none"),
        (type("A" * 500, (), {}), "There is no exercise `AAA"),
    ],
    ids=(str(number) for number in range(11)),  # not from the objects: some are hostile
)
def test_what_is_no_exercise_is_explained(given, words, key):
    verdict = diagnose(given, key={"rnn_step": key})
    assert verdict.kind == "unknown" and not verdict.right
    assert words in verdict.text and len(verdict.text) < 300


def test_without_a_key_it_says_what_is_missing(tmp_path, monkeypatch, solution):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("UNROLLED_KEY", raising=False)
    verdict = diagnose(solution)
    assert verdict.kind == "no_key" and "key.npz is not beside this notebook" in verdict.text
