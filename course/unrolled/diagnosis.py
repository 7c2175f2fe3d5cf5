"""From what a function does to what its author should hear: the verdict of ``check``.

``judge`` compares a function with one exercise's key; ``diagnose`` also finds the exercise by the
function's name and reads the key beside the notebook. Neither raises for anything a student wrote.
"""

from __future__ import annotations

import difflib
import dis
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import FunctionType
from typing import Any

import numpy as np

from unrolled import plain
from unrolled.behaviours import BEHAVIOURS
from unrolled.comparison import Problem, Rank, compare
from unrolled.key import ExerciseKey, KeyUnreadable, Mistake, read_key
from unrolled.outcomes import Case, Outcome, Spec, attribute, nested_codes, observe


@dataclass(frozen=True)
class Verdict:
    """What a student hears about one exercise.

    diagnosis: the name of the known mistake it matches, or None.
    kind: "right", "known", "unwritten", "waits" (a function that it calls is unwritten), "call",
        "raised", "nothing", "count", "kind", "shape", "dtype", "not_finite", "changed", "values";
        "unknown" where no exercise was recognised, "no_key" where there is nothing to compare with.
    text: one or more lines; `code` stands between backticks.
    """

    exercise: str
    right: bool
    diagnosis: str | None
    text: str
    kind: str


def diagnose(
    function: Callable,
    name: str | None = None,
    key: Mapping[str, ExerciseKey] | ExerciseKey | None = None,
    *,
    through: tuple[type[BaseException], ...] = (),
) -> Verdict:
    """The verdict on a student's function.

    name: the exercise; by default the function's own name.
    key: a chapter's key, or one exercise's; by default ``key.npz`` beside the notebook.
    through: exceptions that are not the student's and are let through, besides KeyboardInterrupt.
    """
    if isinstance(key, ExerciseKey):
        return judge(function, key, through=through)
    if key is None:
        try:
            key = read_key()
        except KeyUnreadable as error:
            return Verdict(name or "", False, None, str(error), "no_key")
    known = _function_name(function)
    if not callable(function) or (name is None and known not in key):
        return _unrecognised(function, known, key)
    exercise = name or known
    if exercise not in key:
        text = f"There is no exercise `{_short(exercise)}` here. {_suggest(exercise, key)}"
        return Verdict(_short(exercise), False, None, text, "unknown")
    verdict = judge(function, key[exercise], through=through)
    if verdict.kind in ("right", "unwritten", "waits"):
        return verdict
    for other, called in _called_exercises(function, exercise, key):
        basis = judge(called, key[other], through=through)  # not diagnose: it may call this one
        if not basis.right:
            off = "does not pass its own check: mend"
            if basis.kind == "unwritten":
                off = "is not written yet: write"
            text = f"`{other}`, which it calls, {off} that one first.\n{verdict.text}"
            return replace(verdict, text=text)
    return verdict


def judge(
    function: Callable, key: ExerciseKey, *, through: tuple[type[BaseException], ...] = ()
) -> Verdict:
    """The verdict on a function for the exercise whose key this is."""
    spec = key.spec
    name = spec.exercise
    outcomes = []
    for case in key.cases:
        outcomes.append(observe(function, case, spec, through=through))
        if outcomes[-1].raised is not None and outcomes[-1].raised.unwritten:
            by = outcomes[-1].raised.unwritten_by
            if by is None or by == name:
                text = f"`{name}` is not written yet: it still raises NotImplementedError."
                return Verdict(name, False, None, text, "unwritten")
            text = (
                f"`{_short(by)}`, which `{name}` calls, is not written yet: write that one first."
            )
            return Verdict(name, False, None, text, "waits")
    problems = [
        first_problem(function, outcome, expected, case, spec)
        for outcome, expected, case in zip(outcomes, key.outcomes, key.cases, strict=True)
    ]
    if not any(problems):
        many = len(key.cases)
        cases = f"all {many} cases" if many > 1 else "the one case"
        text = f"`{name}` agrees with the solution in {cases}."
        return Verdict(name, True, None, text, "right")
    mistake, besides = _known_mistake(outcomes, key), []
    if mistake is None:
        mistake = _known_mistake_but_for_dtype(function, outcomes, key)
        besides = [each for each in problems if each and each.rank is Rank.DTYPE][:1]
    if mistake is not None:
        lines = [f"`{name}` behaves like a known mistake.", mistake.diagnosis]
        lines += [f"Besides, {each.text} {each.hint}".rstrip() for each in besides]
        return Verdict(name, False, mistake.slug, "\n".join(lines), "known")
    worst = min(problem.rank for problem in problems if problem)
    besides = []
    if worst is Rank.DTYPE and all(map(_loses_nothing, outcomes, key.outcomes)):
        numbers = _but_for_dtype(function, outcomes, key)
        if any(numbers):  # the greater mistake, which a wrong dtype must not hide
            besides = [each for each in problems if each and each.rank is worst][:1]
            problems, worst = numbers, min(problem.rank for problem in numbers if problem)
    at = next(i for i, problem in enumerate(problems) if problem and problem.rank == worst)
    problem = problems[at]
    failing = [i for i, other in enumerate(problems) if other]
    lines = [" ".join(filter(None, (problem.text, problem.hint)))]
    alike = [i for i, other in enumerate(problems) if other and other.rank == worst]
    lines += _which_case(key.cases, at, failing, alike)
    if worst is Rank.VALUES and len(spec.returns) > 1 and not spec.observe:
        lines += _which_results(outcomes[at], key.outcomes[at], key.cases[at], spec)
    lines += [f"Besides, {each.text} {each.hint}".rstrip() for each in besides]
    if sizes := _sizes_from_outside(function, key):
        lines.append(
            f"It reads {_listed(sizes)} of the notebook: take sizes from the arguments' shapes."
        )
    if any(outcome.printed for outcome in outcomes):
        lines.append("What it prints is left out here; call it yourself to see that.")
    return Verdict(name, False, None, "\n".join(lines), worst.name.lower())


def first_problem(
    function: Callable, outcome: Outcome, expected: Outcome, case: Case, spec: Spec
) -> Problem | None:
    """The most basic thing off in one outcome beside the expected one, or None if it is right."""
    name = spec.exercise
    if outcome.raised is not None:
        return _raised_problem(function, outcome, case, spec)
    names = list(spec.returns)
    if outcome.form == "value" and outcome.results[0] is None and (expected.results[0] is not None):
        return Problem(Rank.NOTHING, f"`{name}` returned None. Did you forget `return`?")
    if len(outcome.results) != len(names):
        wanted = f"{len(names)}: {', '.join(f'`{part}`' for part in names)}"
        return Problem(
            Rank.COUNT,
            f"`{name}` returned {len(outcome.results)} "
            f"result{'s' if len(outcome.results) != 1 else ''}; expected {wanted}.",
        )
    problems = [
        compare(part, mine, value, dims, case.dims, spec)
        for (part, dims), mine, value in zip(
            spec.returns.items(), outcome.results, expected.results, strict=True
        )
    ]
    if outcome.changed:
        which = " and ".join(f"`{part}`" for part in outcome.changed)
        problems.append(
            Problem(
                Rank.CHANGED,
                f"`{name}` changes its argument{'s' if len(outcome.changed) > 1 else ''} {which} "
                "in place.",
                "Make a new array instead.",
            )
        )
    if spec.observe and not any(problems):
        if outcome.observed is None:
            return Problem(Rank.KIND, f"What `{name}` returned cannot be used as {_listed(names)}.")
        behaviour = BEHAVIOURS[spec.observe]
        for part, value in expected.observed.items():
            dims = behaviour.shows[part]
            problem = compare(part, outcome.observed[part], value, dims, case.dims, spec)
            if problem is not None and part in behaviour.says:
                problem = replace(problem, text=f"{behaviour.says[part]} {problem.text}")
            problems.append(problem)
    return min(filter(None, problems), key=lambda problem: problem.rank, default=None)


def matches(outcome: Outcome, known: Outcome, case: Case, spec: Spec) -> bool:
    """Whether an outcome is what a known mistake does on the same case."""
    if outcome.raised is not None or known.raised is not None:
        return (
            outcome.raised is not None
            and known.raised is not None
            and outcome.raised.pattern == known.raised.pattern
        )
    if set(outcome.changed) != set(known.changed) or len(outcome.results) != len(known.results):
        return False
    if (outcome.observed is None) != (known.observed is None):
        return False
    pairs = list(zip(outcome.results, known.results, strict=True))
    if known.observed is not None:
        pairs += [(outcome.observed[part], value) for part, value in known.observed.items()]
    return all(
        (mine is None and value is None)
        or compare("result", mine, value, "", case.dims, spec) is None
        for mine, value in pairs
    )


def _known_mistake(outcomes: list[Outcome], key: ExerciseKey) -> Mistake | None:
    """The known mistake that does the same on every case."""
    for mistake in key.mistakes:
        if all(
            matches(outcome, known, case, key.spec)
            for outcome, known, case in zip(outcomes, mistake.outcomes, key.cases, strict=True)
        ):
            return mistake
    return None


def _known_mistake_but_for_dtype(
    function: Callable, outcomes: list[Outcome], key: ExerciseKey
) -> Mistake | None:
    """The known mistake whose numbers these are, in the solution's dtypes; None if they are right.

    A slip such as ``np.zeros((B, H))`` for the first state turns one case to float64, and must not
    hide which mistake the numbers show.
    """

    if not any(_but_for_dtype(function, outcomes, key)):
        return None
    mistakes = tuple(
        replace(known, outcomes=tuple(_cast_outcomes(known.outcomes, key)))
        for known in key.mistakes
    )
    return _known_mistake(_cast_outcomes(outcomes, key), replace(key, mistakes=mistakes))


def _but_for_dtype(
    function: Callable, outcomes: list[Outcome], key: ExerciseKey
) -> list[Problem | None]:
    """For each case the first problem that is left when all dtypes are the solution's."""
    each = zip(_cast_outcomes(outcomes, key), key.outcomes, key.cases, strict=True)
    return [first_problem(function, *three, key.spec) for three in each]


def _loses_nothing(outcome: Outcome, expected: Outcome) -> bool:
    """Whether the results are real numbers of at least the precision that was asked for."""
    pairs = zip(_arrays(outcome.results), _arrays(expected.results), strict=False)
    return all(
        mine.dtype.kind == "f" and mine.itemsize >= value.itemsize
        for mine, value in pairs
        if value.dtype.kind == "f"
    )


def _arrays(value: Any) -> Iterator[np.ndarray]:
    """The arrays in a result, in order."""
    if type(value) is np.ndarray:
        yield value
    elif type(value) in (list, tuple, dict):
        for part in value.values() if type(value) is dict else value:
            yield from _arrays(part)


def _cast_outcomes(outcomes: Iterable[Outcome], key: ExerciseKey) -> list[Outcome]:
    return [_cast_outcome(*pair) for pair in zip(outcomes, key.outcomes, strict=True)]


def _cast_outcome(outcome: Outcome, expected: Outcome) -> Outcome:
    if outcome.results is None or len(outcome.results) != len(expected.results):
        return outcome
    return replace(outcome, results=_cast(outcome.results, expected.results))


def _cast(value: Any, expected: Any) -> Any:
    """A value whose arrays of real numbers have the dtypes of the expected ones."""
    if type(value) is np.ndarray and type(expected) is np.ndarray:
        if value.dtype.kind in "iuf" and expected.dtype.kind == "f":
            with np.errstate(all="ignore"):
                return value.astype(expected.dtype)
    elif type(value) is dict and type(expected) is dict:
        return {name: _cast(part, expected.get(name)) for name, part in value.items()}
    elif type(value) in (list, tuple) and type(expected) in (list, tuple):
        parts = [_cast(*pair) for pair in zip(value, expected, strict=False)]
        return type(value)(parts) if len(value) == len(expected) else value
    return value


def _called_exercises(
    function: Callable, exercise: str, key: Mapping[str, ExerciseKey]
) -> list[tuple[str, Callable]]:
    """The other exercises' functions that a function's code refers to, in the key's order."""
    read = _globals_read(function)
    return [
        (name, read[name])
        for name in key
        if name != exercise and callable(read.get(name)) and read[name] is not function
    ]


def _sizes_from_outside(function: Callable, key: ExerciseKey) -> list[str]:
    """Names of sizes (T, B …) that a function takes from the notebook, where other cells left them."""
    sizes = {name for case in key.cases for name in case.dims}
    return [
        name
        for name, value in _globals_read(function).items()
        if name in sizes and type(value) is int
    ]


def _globals_read(function: Callable) -> dict[str, Any]:
    """What a function's code finds outside itself, by name."""
    if not plain.is_a(function, FunctionType):  # a grader's stand-in has no code to look at
        return {}
    names = {
        instruction.argval: None
        for code in nested_codes(function.__code__)
        for instruction in dis.get_instructions(code)
        if instruction.opname == "LOAD_GLOBAL"  # not an attribute, as in text.encode()
    }
    return {n: function.__globals__[n] for n in names if n in function.__globals__}


def _raised_problem(function, outcome: Outcome, case: Case, spec: Spec) -> Problem:
    raised = outcome.raised
    inputs = BEHAVIOURS[spec.observe].inputs if spec.observe else ()
    names = [name for name in case.args if name not in inputs]
    if spec.observe and BEHAVIOURS[spec.observe].takes is not None:
        names = list(BEHAVIOURS[spec.observe].takes)
    if raised.in_call and (count := _wrong_signature(function, names)) is not None:
        return Problem(
            Rank.CALL,
            f"`{spec.exercise}` takes {count}, is called with {len(names)}: ({', '.join(names)}).",
        )
    text = f"`{spec.exercise}` raised {raised.kind}"
    text += f": {raised.message}" if raised.message else "."
    if raised.line:
        text += f"\nline {raised.number}: `{raised.line[:200]}`"
    hint = ""
    if raised.kind == "RecursionError":
        hint = "\nIt calls itself without end."
    elif raised.kind == "SystemExit":
        hint = "\nIt calls exit(); a function returns instead."
    return Problem(Rank.RAISED, text + hint)


def _wrong_signature(function, names: list[str]) -> str | None:
    """ "3 arguments", where the function cannot take this many; None where it can or none knows."""
    try:
        signature = inspect.signature(function)
        parameters = list(signature.parameters.values())
    except KeyboardInterrupt:
        raise
    except BaseException:  # not everything callable has a signature; a hostile one raises anything
        return None
    try:
        signature.bind(*names)
    except TypeError:
        positional = [
            p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
        ]
        count = len(positional)
        return f"{count} argument{'' if count == 1 else 's'}"
    return None


def _which_case(
    cases: tuple[Case, ...], at: int, failing: list[int], alike: list[int]
) -> list[str]:
    """Which cases fail, where not all do: by what they alone have in common, if there is such."""
    case = cases[at]
    if len(failing) == len(cases):
        if len(alike) == len(cases):
            return []
        return [f"This is{_at(case)}; the other cases have other problems."]
    fine = len(cases) - len(failing)
    rest = f"the other {fine} cases are right" if fine > 1 else "the other case is right"
    if common := _common(cases, at, failing):
        return [f"Only with {common}; {rest}."]
    here = f", here{_at(case)}" if case.dims or case.what else ""
    return [f"Wrong in {len(failing)} of {len(cases)} cases{here}; {rest}."]


def _common(cases: tuple[Case, ...], at: int, failing: list[int]) -> str:
    """What the failing cases have and no other: in words, a dtype, a number or a size; else ""."""

    def sets_apart(of: Callable[[Case], Any]) -> bool:
        mine = of(cases[at])
        return [i for i, case in enumerate(cases) if of(case) == mine] == failing

    if cases[at].what and sets_apart(lambda case: case.what):
        return cases[at].what
    if _dtype(cases[at]) and sets_apart(_dtype):
        return f"{_dtype(cases[at])} input"
    numbers = {
        name: value
        for name, value in cases[at].args.items()
        if type(value) in (bool, int, float) and name not in cases[at].dims
    }
    found = [n for n in numbers if sets_apart(lambda case, n=n: case.args.get(n))]
    if found:
        return " and ".join(f"{name} = {numbers[name]}" for name in found)
    sizes = {name: size for name, size in cases[at].dims.items() if not name.isdigit()}
    found = [n for n in sizes if sets_apart(lambda case, n=n: case.dims.get(n))]
    # a size of 1 is a reason; of others, three that fit are chance
    found = [name for name in found if sizes[name] == 1] or found
    return " and ".join(f"{name} = {sizes[name]}" for name in found) if len(found) < 3 else ""


def _dtype(case: Case) -> str:
    """The dtype of a case's first array of real numbers, "" without any."""
    found = (value.dtype for value in case.args.values() if type(value) is np.ndarray)
    return next((str(dtype) for dtype in found if dtype.kind == "f"), "")


def _at(case: Case) -> str:
    """ " with logits of ten thousand" or " at T = 3, B = 2"; "" for a case that has no sizes."""
    if case.what:
        return f" with {case.what}"
    sizes = ", ".join(f"{name} = {size}" for name, size in case.dims.items() if not name.isdigit())
    return f" at {sizes}" if sizes else ""


def _which_results(outcome: Outcome, expected: Outcome, case: Case, spec: Spec) -> list[str]:
    right, wrong = [], []
    for (part, dims), mine, value in zip(
        spec.returns.items(), outcome.results, expected.results, strict=True
    ):
        problem = compare(part, mine, value, dims, case.dims, spec)
        (wrong if problem else right).append(part)
    if not right:
        return ["None of the results is right."]
    return [f"Right: {_listed(right)}. Wrong: {_listed(wrong)}."]


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _function_name(function: Any) -> str | None:
    name = attribute(function, "__name__")
    return str.__str__(name) if plain.is_a(name, str) else None


def _unrecognised(function: Any, name: str | None, key: Mapping[str, ExerciseKey]) -> Verdict:
    """What to say where it is not clear which exercise is meant."""
    example = next(iter(key), "rnn_step")
    if plain.is_a(function, str):
        text = str.__str__(function)
        if text in key:
            said = f"Write `check({text})`, without quotes: it takes the function, not its name."
        else:
            said = f"`check` takes a function, not text. {_suggest(text, key)}"
    elif not callable(function):
        kind = "None" if function is None else plain.article(plain.type_name(function))
        said = (
            f"`check` takes the function itself, and was given {kind}. Write `check({example})`, "
            "without calling the function."
        )
    elif name is None or name == "<lambda>":
        kind = "a lambda" if name else plain.article(plain.type_name(function))
        said = (
            f"`check` finds the exercise by the function's name, and {kind} has none. "
            f"Define it with `def`, as in `def {example}(…):`."
        )
    else:
        said = f"There is no exercise `{_short(name)}` here. {_suggest(name, key)}"
    return Verdict("", False, None, said, "unknown")


def _short(name: str) -> str:
    return name if len(name) <= 60 else name[:59] + "…"


def _suggest(name: str, key: Mapping[str, ExerciseKey]) -> str:
    close = difflib.get_close_matches(_short(name), list(key), n=3, cutoff=0.5)
    if close:
        return f"Did you mean {' or '.join(f'`{other}`' for other in close)}?"
    return f"The exercises are {_listed(list(key))}."
