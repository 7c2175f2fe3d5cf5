"""An answer key is proven on the answers that it is made from."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from autograder.authoring.keys import chapter_key, same_keys
from autograder.cli import main
from unrolled.key import key_bytes, read_key

from .conftest import FIRST

WRONG = '"""{}"""\n\n\ndef moving_mean(x):\n    return {}\n'


@pytest.fixture
def add(unbuilt):
    """Adds an answer to the first chapter and returns its path."""

    def write(path: str, code: str):
        file = unbuilt.chapters[FIRST].folder / "answers" / "moving_mean" / path
        file.write_text(code, encoding="utf-8")
        return file

    return write


def build(course) -> int:
    return main(["build", "--course", str(course.root), FIRST])


def test_the_same_text_gives_the_same_bytes(built):
    chapter = built.chapters[FIRST]
    again = key_bytes(chapter_key(chapter))
    assert again == key_bytes(chapter_key(chapter)) == chapter.key_file.read_bytes()


def test_every_wrong_answer_is_in_the_key_with_its_diagnosis(built):
    chapter = built.chapters[FIRST]
    exercise = chapter.exercises["moving_mean"]
    key = read_key(chapter.key_file)["moving_mean"]
    assert {m.slug: m.diagnosis for m in key.mistakes} == {
        answer.name: answer.diagnosis for answer in exercise.wrong
    }
    assert len(key.mistakes) >= 5


def test_a_wrong_answer_that_is_right_on_every_case_is_refused(add, unbuilt, capsys, snapshot):
    add(
        "wrong/right.py",
        WRONG.format("d", "np.cumsum(x) / np.arange(1, len(x) + 1, dtype=x.dtype)"),
    )
    before = snapshot(unbuilt)
    assert build(unbuilt) == 1
    said = capsys.readouterr().err
    assert "wrong/right.py: this wrong answer gives the solution's results on every case" in said
    assert "cases.py" in said
    assert snapshot(unbuilt) == before


def test_two_wrong_answers_that_do_the_same_are_refused(add, unbuilt, capsys):
    add("wrong/zz_sum.py", WRONG.format("d", "np.cumsum(1.0 * x, dtype=x.dtype)"))
    assert build(unbuilt) == 1
    said = capsys.readouterr().err
    assert "zz_sum.py: cannot be told apart from forgets_to_divide.py on any case" in said


def test_a_wrong_answer_that_does_something_else_on_each_call_is_refused(add, unbuilt, capsys):
    add(
        "wrong/moody.py",
        '"""d"""\n\nCALLS = []\n\n\ndef moving_mean(x):\n    CALLS.append(1)\n    return x + len(CALLS)\n',
    )
    assert build(unbuilt) == 1
    assert "moody.py: this wrong answer is not recognised" in capsys.readouterr().err


def test_a_right_answer_that_is_refused_is_named_with_the_reason(add, unbuilt, capsys):
    file = add("right/off.py", WRONG.format("d", "np.cumsum(x)[:-1]"))
    assert build(unbuilt) == 1
    said = capsys.readouterr().err
    assert f"{file}: a right answer is refused:" in said
    assert "shape" in said


def test_a_solution_that_changes_its_input_is_refused(unbuilt, capsys):
    source = unbuilt.chapters[FIRST].source
    text = source.read_text(encoding="utf-8")
    source.write_text(
        text.replace(
            "    return np.cumsum(x) / count", "    x /= 2\n    return np.cumsum(x) / count"
        )
    )
    assert build(unbuilt) == 2
    assert "the solution, on case 0, changed x" in capsys.readouterr().err


def test_keys_that_differ_in_the_last_digit_are_the_same(built):
    key = read_key(built.chapters[FIRST].key_file)
    entry = key["moving_mean"]

    def with_results(change):
        outcomes = tuple(
            dataclasses.replace(o, results=tuple(change(r) for r in o.results))
            for o in entry.outcomes
        )
        return {"moving_mean": dataclasses.replace(entry, outcomes=outcomes)}

    assert same_keys(key, with_results(lambda r: np.nextafter(r, np.inf)))
    assert not same_keys(key, with_results(lambda r: r * np.asarray(1.01, r.dtype)))
    assert not same_keys(key, with_results(lambda r: r.astype(np.float16)))
    assert not same_keys(key, {})
    other = dataclasses.replace(entry, mistakes=entry.mistakes[1:])
    assert not same_keys(key, {"moving_mean": other})


def test_a_key_of_another_processor_is_left_as_it_is(copy, monkeypatch, capsys):
    from autograder.authoring import build as module

    chapter = copy.chapters[FIRST]
    kept = chapter.key_file.read_bytes()
    plain = chapter_key(chapter)
    entry = plain["moving_mean"]
    first = entry.outcomes[-1]
    nudged = dataclasses.replace(first, results=(np.nextafter(first.results[0], np.inf),))
    other = dataclasses.replace(entry, outcomes=(*entry.outcomes[:-1], nudged))
    monkeypatch.setattr(module, "chapter_key", lambda chapter: {"moving_mean": other})
    assert key_bytes({"moving_mean": other}) != kept
    assert build(copy) == 0
    assert chapter.key_file.read_bytes() == kept
