"""`autograder verify` finds each defect that was planted, and nothing where there is none."""

from __future__ import annotations

import contextlib
import copy
import io
import json
import shutil
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder import cli
from autograder.course import Chapter, Course, load_course
from autograder.verification import proof
from autograder.verification.cache import Cache
from autograder.verification.proof import Options, verify
from autograder.verification.results import as_json
from autograder.verification.static import toml_line
from autograder.verification.trials import Trial, TrialServer

# answers of the template that the small chapters here keep, so that verifying them is quick
KEPT = {"divides_by_length", "loop"}


def edit(path: Path, *changes: tuple[str, str]) -> None:
    """Replace texts in a file, each of which stands there exactly once."""
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text).lstrip(), encoding="utf-8")


def answers(chapter: Chapter, exercise: str = "moving_mean") -> Path:
    return chapter.folder / "answers" / exercise


def sound(chapter: Chapter) -> None:
    """Nothing is wrong with it."""


def weak_test(chapter: Chapter) -> None:
    """One value has the same mean however it is counted."""
    start = "for T in (1, 2, 9):"
    text = chapter.source.read_text(encoding="utf-8")
    hidden = text[text.index("rng = np.random.default_rng(7)") : text.index("### END HIDDEN")]
    edit(chapter.source, (hidden, hidden.partition("# an identity")[0]), (start, "for T in (1,):"))


def wrongly_refused(chapter: Chapter) -> None:
    """Two answers in right/ are not: one fails the test only, the other check as well."""
    write(
        answers(chapter) / "right" / "short_only.py",
        '''
        """Right up to a length of 8, which is all that check looks at."""


        def moving_mean(x):
            return np.cumsum(x[:8]) / np.arange(1, len(x[:8]) + 1, dtype=x.dtype)
        ''',
    )
    write(
        answers(chapter) / "right" / "off.py",
        '''
        """Not right at all."""


        def moving_mean(x):
            return np.cumsum(x)
        ''',
    )


def missed_diagnosis(chapter: Chapter) -> None:
    """Two wrong answers do the same in every case, and a third is right in every case."""
    edit_copy = (answers(chapter) / "wrong" / "divides_by_length.py").read_text(encoding="utf-8")
    write(answers(chapter) / "wrong" / "same_again.py", edit_copy)
    write(
        answers(chapter) / "wrong" / "wrong_when_long.py",
        '''
        """Beyond eight values the rest is forgotten."""


        def moving_mean(x):
            m = np.cumsum(x) / np.arange(1, len(x) + 1, dtype=x.dtype)
            m[8:] = 0
            return m
        ''',
    )


def unwritten_passes(chapter: Chapter) -> None:
    """The test looks at nothing if the function raises."""
    text = chapter.source.read_text(encoding="utf-8")
    start, end = text.index("rng = np.random.default_rng(7)"), text.index("### END HIDDEN")
    body = textwrap.indent(text[start:end], "    ")
    guarded = f"try:\n{body}except AssertionError:\n    raise\nexcept Exception:\n    pass\n"
    edit(chapter.source, (text[start:end], guarded))


def leans_on_the_notebook(chapter: Chapter) -> None:
    """The test uses what the imports cell binds."""
    edit(chapter.source, ("### BEGIN HIDDEN TESTS\nimport numpy as np\n", "### BEGIN HIDDEN TESTS"))


def stale_equivalents(chapter: Chapter) -> None:
    write(
        answers(chapter) / "equivalent.toml",
        """
        'moving_mean: line 1: "a + b" → "a - b"' = "it was there once"
        'moving_mean: line 8: "np.cumsum(x) / count" → "np.cumsum(x) * count"' = "it is not"
        """,
    )


def endless(chapter: Chapter) -> None:
    """A mutant of this solution never ends."""
    edit(
        chapter.source,
        (
            "    count = np.arange(1, len(x) + 1, dtype=x.dtype)\n    return np.cumsum(x) / count\n",
            "    m = np.cumsum(x)\n    t = len(x)\n    while t > 1:\n        m[t - 1] /= t\n"
            "        t -= 1\n    return m\n",
        ),
    )


SECOND = '''
### Exercise: `last_mean`

```{code-cell} ipython3
---
nbgrader: {grade: false, grade_id: last_mean, locked: false, schema_version: 3, solution: true, task: false}
---
def last_mean(x):
    """The last of the means of x."""
    ### BEGIN SOLUTION
    return np.asarray(moving_mean(x))[-1]
    ### END SOLUTION
```

```{code-cell} ipython3
---
nbgrader: {grade: true, grade_id: test_last_mean, locked: true, points: 0.5, schema_version: 3, solution: false, task: false}
---
from unrolled import check

check(last_mean)
### BEGIN HIDDEN TESTS
import numpy as np

x = np.array([1.0, 3.0, 8.0, 4.0])
assert abs(last_mean(x) - 4) < 1e-12, "wrong last mean"
### END HIDDEN TESTS
```
'''


def double_jeopardy(chapter: Chapter) -> None:
    """A second exercise that uses the first, and an answer to the first that breaks it."""
    edit(chapter.source, ("## An experiment", f"{SECOND}\n## An experiment"))
    write(
        answers(chapter) / "wrong" / "breaks_numpy.py",
        '''
        """A name of the chapter is taken for something else."""


        def moving_mean(x):
            return x * 0


        np = None
        ''',
    )
    write(
        answers(chapter, "last_mean") / "cases.py",
        """
        import numpy as np

        RETURNS = {"m": ""}


        def cases():
            for T, B in ((3, 3), (4, 4)):
                yield {"dims": {"T": T, "B": B}, "args": {"x": np.arange(1.0, T + 1)}}
        """,
    )


PLANTED: dict[str, Callable[[Chapter], None]] = {
    "00_sound": sound,
    "01_weak_test": weak_test,
    "02_wrongly_refused": wrongly_refused,
    "03_missed_diagnosis": missed_diagnosis,
    "04_unwritten_passes": unwritten_passes,
    "05_leans_on_the_notebook": leans_on_the_notebook,
    "06_stale_equivalents": stale_equivalents,
    "07_endless": endless,
    "08_double_jeopardy": double_jeopardy,
}


def write_course(root: Path, template: Path, names: tuple[str, ...]) -> Course:
    """Copies of the template's chapter, each with one wrong and one right answer only."""
    lines = ['title = "Planted"']
    for name in names:
        folder = root / "solutions" / name
        text = (template / "chapter.md").read_text(encoding="utf-8")
        text = text.replace("{{number}}", name[:2]).replace("{{title}}", name)
        write(folder / f"{name}.md", text)
        shutil.copytree(template / "answers", folder / "answers")
        for path in [*folder.glob("answers/*/wrong/*.py"), *folder.glob("answers/*/right/*.py")]:
            if path.stem not in KEPT:
                path.unlink()
        lines.append(f'[[chapter]]\nname = "{name}"')
    write(root / "solutions" / "course.toml", "\n".join(lines) + "\n")
    return load_course(root)


@pytest.fixture(scope="module")
def template(repository: Path) -> Path:
    return repository / "autograder" / "authoring" / "template"


@dataclass(frozen=True)
class Verified:
    """What one run of the command over the planted course gave."""

    course: Course
    code: int
    printed: str
    data: dict

    def found(self, chapter: str) -> str:
        """The sentences about a chapter, each on one line."""
        text = " ".join(self.printed.partition("\nFound (")[2].partition("Worth a look")[0].split())
        parts = text.split("- solutions/")
        return "\n".join(part for part in parts if part.startswith(chapter))


@pytest.fixture(scope="module")
def verified(tmp_path_factory, template: Path) -> Verified:
    """A course with one defect in each chapter but the first, verified by the command."""
    root = tmp_path_factory.mktemp("planted")
    course = write_course(root, template, tuple(PLANTED))
    for name, plant in PLANTED.items():
        plant(course.chapters[name])
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        code = cli.main(
            ["verify", "--course", str(root), "--json", str(root / "out" / "v.json"), "--jobs", "2"]
        )
    data = json.loads((root / "out" / "v.json").read_text(encoding="utf-8"))
    return Verified(load_course(root), code, printed.getvalue(), data)


def exercise(verified: Verified, chapter: str, name: str = "moving_mean") -> dict:
    return verified.data[chapter]["exercises"][name]


def test_a_run_that_finds_something_ends_with_1(verified):
    assert verified.code == 1
    assert list(verified.data) == list(PLANTED)


def test_a_sound_chapter_has_the_promised_json_and_no_finding(verified):
    data = copy.deepcopy(verified.data["00_sound"])
    mutants = data["exercises"]["moving_mean"].pop("mutants")
    assert data == {
        "solution": {"earned": 2, "possible": 2},
        "unsolved": {"earned": 0, "possible": 2},
        "double_jeopardy": [],
        "exercises": {
            "moving_mean": {
                "points": 2,
                "wrong": {"tried": 1, "accepted": []},
                "right": {"tried": 1, "refused": []},
                "diagnoses": {"matched": 1, "missed": []},
            }
        },
    }
    assert list(mutants) == ["made", "killed", "survivors", "equivalent"]
    assert mutants["made"] == mutants["killed"] > 9
    assert mutants["survivors"] == [] and mutants["equivalent"] == {}
    assert verified.found("00_sound") == ""


def test_too_few_answers_are_worth_a_look_but_no_finding(verified):
    printed = " ".join(verified.printed.split())
    where = "solutions/00_sound/answers/moving_mean"
    assert f"{where}: 1 wrong answer for moving_mean; a core exercise has at least 5" in printed
    assert f"{where}: 1 right answer for moving_mean; a core exercise has at least 2" in printed


def test_an_accepted_wrong_answer_is_named_with_the_test_that_accepts_it(verified):
    assert exercise(verified, "01_weak_test")["wrong"] == {
        "tried": 1,
        "accepted": ["divides_by_length"],
    }
    chapter = verified.course.chapters["01_weak_test"]
    lines = chapter.source.read_text(encoding="utf-8").splitlines()
    line = lines.index("check(moving_mean)") - 1
    said = verified.found("01_weak_test")
    where = f"solutions/01_weak_test/01_weak_test.md, line {line}"
    assert f"this wrong answer passes the test of moving_mean ({where})" in said


def test_mutants_that_a_weak_test_lets_pass_are_listed_with_their_line(verified):
    mutants = exercise(verified, "01_weak_test")["mutants"]
    survivor = 'moving_mean: line 8: "np.cumsum(x) / count" → "np.cumsum(x) * count"'
    assert survivor in mutants["survivors"]
    assert mutants["killed"] == mutants["made"] - len(mutants["survivors"])
    chapter = verified.course.chapters["01_weak_test"]
    lines = chapter.source.read_text(encoding="utf-8").splitlines()
    line = lines.index("    return np.cumsum(x) / count") + 1
    said = verified.found("01_weak_test")
    assert f"01_weak_test.md, line {line}: the test lets this mutant" in said
    # a line that can be copied into equivalent.toml
    assert f"'{survivor}' = " in said


def test_right_answers_that_test_or_check_refuse_are_named(verified):
    right = exercise(verified, "02_wrongly_refused")["right"]
    assert right["tried"] == 3
    assert sorted(right["refused"]) == ["off", "short_only"]
    said = verified.found("02_wrongly_refused")
    assert "right/short_only.py: a right answer earns 0 of 2 points" in said
    assert "right/off.py: check refuses this right answer" in said
    assert "right/short_only.py: check" not in said


def test_a_missed_diagnosis_says_what_check_takes_the_answer_for(verified):
    result = exercise(verified, "03_missed_diagnosis")
    assert result["wrong"] == {"tried": 3, "accepted": []}
    assert result["diagnoses"] == {"matched": 1, "missed": ["same_again", "wrong_when_long"]}
    said = verified.found("03_missed_diagnosis")
    assert "wrong/same_again.py: check takes it for divides_by_length" in said
    assert "wrong/wrong_when_long.py: check says that this wrong answer is right" in said


def test_an_unsolved_notebook_that_earns_points_is_found(verified):
    assert verified.data["04_unwritten_passes"]["unsolved"] == {"earned": 2, "possible": 2}
    assert "unsolved, moving_mean earns 2 of 2 points" in verified.found("04_unwritten_passes")


def test_a_test_that_leans_on_the_notebook_is_refused_with_name_and_line(verified):
    chapter = verified.course.chapters["05_leans_on_the_notebook"]
    lines = chapter.source.read_text(encoding="utf-8").splitlines()
    line = lines.index("rng = np.random.default_rng(7)") + 1
    said = verified.found("05_leans_on_the_notebook")
    assert f"05_leans_on_the_notebook.md, line {line}: test_moving_mean: it uses np" in said
    assert verified.data["05_leans_on_the_notebook"]["solution"]["earned"] == 0


def test_equivalent_mutants_that_are_none_are_found(verified):
    said = verified.found("06_stale_equivalents")
    assert 'there is no such mutant any more: moving_mean: line 1: "a + b"' in said
    assert "a test kills this mutant, so it is not equivalent: moving_mean: line 8" in said
    assert exercise(verified, "06_stale_equivalents")["mutants"]["equivalent"] == {}


def test_a_mutant_that_never_ends_is_killed(verified):
    mutants = exercise(verified, "07_endless")["mutants"]
    assert mutants["made"] > 20
    assert not any('"t -= 1" dropped' in text for text in mutants["survivors"])


def test_an_answer_that_costs_points_elsewhere_is_double_jeopardy(verified):
    data = verified.data["08_double_jeopardy"]
    assert data["double_jeopardy"] == ["moving_mean/wrong/breaks_numpy costs last_mean"]
    assert data["solution"] == {"earned": 2.5, "possible": 2.5}
    assert exercise(verified, "08_double_jeopardy", "last_mean")["points"] == 0.5
    said = verified.found("08_double_jeopardy")
    assert (
        "wrong/breaks_numpy.py: this answer to moving_mean also loses points in last_mean" in said
    )


def test_sizes_that_are_never_all_different_are_worth_a_look(verified):
    printed = " ".join(verified.printed.split())
    assert "answers/last_mean/cases.py: no case has sizes that are all different" in printed


def test_the_table_has_a_line_for_each_exercise(verified):
    lines = [line.split() for line in verified.printed.splitlines()]
    assert ["moving_mean", "2", "3", "0", "1", "0", "1", "2"] in [line[:8] for line in lines]
    assert ["together", "2.5", "2", "0", "1", "0", "2", "0"] in [line[:8] for line in lines]


# ---- what is run, and what is kept -----------------------------------------------------------------


@pytest.fixture
def no_process(monkeypatch):
    """Nothing may be run: everything must come from the cache."""

    def grade(graders):
        graders._done.put(AssertionError("something was run"))

    def start(server):
        raise AssertionError("something was run")

    monkeypatch.setattr(proof.Graders, "_work", grade)
    monkeypatch.setattr(proof.TrialServer, "_start", start)


def results(course: Course, *names: str, **options) -> dict:
    chapters = course.select(names)
    return as_json(list(verify(chapters, Options(**options))))


def test_what_has_not_changed_is_not_run_again(verified, no_process):
    names = ("00_sound", "08_double_jeopardy")
    again = results(verified.course, *names)
    assert again == {name: verified.data[name] for name in names}


def test_a_changed_answer_is_run_again(verified, no_process):
    path = answers(verified.course.chapters["00_sound"]) / "right" / "loop.py"
    before = path.read_text(encoding="utf-8")
    try:
        path.write_text(before + "\n# changed\n", encoding="utf-8")
        with pytest.raises(AssertionError, match="something was run"):
            results(verified.course, "00_sound", force=False)
    finally:
        path.write_text(before, encoding="utf-8")


def test_force_runs_all(verified, no_process):
    with pytest.raises(AssertionError, match="something was run"):
        results(verified.course, "00_sound", force=True)


def test_a_damaged_cache_is_passed_over(tmp_path):
    cache = Cache(tmp_path)
    cache.put("key", {"a": 1})
    assert cache.get("key") == {"a": 1}
    (cache.folder / "key.json").write_text("{", encoding="utf-8")
    assert cache.get("key") is None


def test_a_reason_makes_a_survivor_equivalent(verified, no_process):
    chapter = verified.course.chapters["01_weak_test"]
    survivors = exercise(verified, "01_weak_test")["mutants"]["survivors"]
    file = answers(chapter) / "equivalent.toml"
    moved = survivors[1].replace("line 7", "line 70").replace("line 8", "line 80")
    file.write_text(
        f"{toml_line(survivors[0])}\n{toml_line(moved)}\n".replace("…", "no test can tell"),
        encoding="utf-8",
    )
    try:
        (result,) = verify([chapter], Options())
    finally:
        file.unlink()
    mutants = result.exercises["moving_mean"].mutants
    assert mutants.equivalent == {survivors[0]: "no test can tell"}
    assert mutants.survivors == survivors
    said = [finding.text for finding in result.findings]
    assert not any("lets this mutant" in text and survivors[0] in text for text in said)
    assert any("It seems to have moved" in text and survivors[1] in text for text in said)


def test_one_exercise_without_its_mutants(verified, no_process, capsys):
    root = str(verified.course.root)
    words = ["verify", "--course", root, "--exercise", "last_mean", "--no-mutants"]
    assert cli.main(words) == 0
    printed = capsys.readouterr().out
    assert "last_mean" in printed and "moving_mean  " not in printed
    assert "all well in 1 chapter" in printed


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["99_missing"], "no chapter '99_missing'"),
        (["--exercise", "missing"], "no exercise 'missing'"),
        (["--jobs", "0"], "--jobs"),
    ],
)
def test_what_cannot_be_run_ends_with_2_and_a_sentence(verified, capsys, words, said):
    assert cli.main(["verify", "--course", str(verified.course.root), *words]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


@pytest.mark.parametrize(
    ("text", "said"),
    [("a = ", "equivalent.toml: "), ("'a' = ''", "give a reason"), ("'a' = 3", "give a reason")],
)
def test_a_damaged_list_of_equivalents_ends_with_2(verified, capsys, text, said):
    file = answers(verified.course.chapters["00_sound"]) / "equivalent.toml"
    file.write_text(text, encoding="utf-8")
    try:
        assert cli.main(["verify", "--course", str(verified.course.root), "00_sound"]) == 2
    finally:
        file.unlink()
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("points", ["two", "0", "true", "-1", ".nan"])
def test_points_that_are_no_number_are_refused(tmp_path, template, points, capsys):
    course = write_course(tmp_path, template, ("00_points",))
    edit(course.chapters["00_points"].source, ("points: 2, schema_version: 3, solution: false",
        f"points: {points}, schema_version: 3, solution: false"))  # fmt: skip
    assert cli.main(["verify", "--course", str(tmp_path)]) == 1
    printed = " ".join(capsys.readouterr().out.split())
    assert "test_moving_mean: its points must be a number above 0" in printed


# ---- one trial ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        ("return np.cumsum(x) / np.arange(1, len(x) + 1, dtype=x.dtype)", "passed"),
        ("return x", "failed"),
        ("while True: pass", "timeout"),
        ("while True: x = x + 1", "timeout"),
        ("raise SystemExit", "failed"),
        ("__import__('os')._exit(0)", "died"),
        ("return np.ones((10**6, 10**6))", "failed"),
        ("print('x' * 10**6); return x", "failed"),
        # what a mutant leaves unfilled must not hold the right values by chance
        ("m = np.cumsum(x) / np.arange(1, len(x) + 1); del m; return np.empty(len(x))", "failed"),
    ],
)
def test_a_trial_ends_whatever_the_code_does(verified, server, body, verdict):
    exercise = verified.course.chapters["00_sound"].exercises["moving_mean"]
    code = f"def moving_mean(x):\n    {body}\n"
    ((_, answer),) = server.run([Trial(exercise, "test", 1.0, code)])
    assert answer.verdict == verdict


@pytest.fixture(scope="module")
def server(verified):
    with TrialServer(verified.course, 2) as server:
        yield server


@pytest.mark.parametrize(
    "body",
    [
        "np.cumsum = lambda *args: 0; return x",  # spoils what the others call
        "return 1 / 0",
        "return np.cumsum(x) / np.arange(1, len(x) + 1)",
        "while True: pass",
        "__import__('os')._exit(0)",
    ],
)
def test_trials_that_share_a_process_get_the_verdicts_that_they_get_alone(verified, server, body):
    exercise = verified.course.chapters["00_sound"].exercises["moving_mean"]
    right = "def moving_mean(x):\n    return (np.cumsum(x) / np.arange(1, len(x) + 1)).astype(x.dtype)\n"
    wrong = "def moving_mean(x):\n    return x\n"
    codes = [wrong, f"def moving_mean(x):\n    {body}\n", right, wrong, right]
    trials = [Trial(exercise, "test", 1.0, code) for code in codes]
    together = dict(server.run(trials))
    alone = {}
    for trial in trials:
        alone |= server.run([trial])
    verdicts = [together[trial].verdict for trial in trials]
    assert verdicts == [alone[trial].verdict for trial in trials]
    assert verdicts[0] == verdicts[3] == "failed" and verdicts[2] == verdicts[4] == "passed"
