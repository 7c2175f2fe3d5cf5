"""A key file holds what check needs, says clearly when it cannot be used, and never runs code."""

import json
import zipfile

import numpy as np
import pytest
import torch

from unrolled.key import (
    ExerciseKey,
    KeyUnreadable,
    find_key,
    key_bytes,
    make_exercise_key,
    read_key,
    write_key,
)
from unrolled.outcomes import Case, Spec, read_cases


def test_a_key_comes_back_as_it_was(tmp_path, key, latch_key):
    path = tmp_path / "key.npz"
    write_key(path, {"rnn_step": key, "latch": latch_key})
    back = read_key(path)
    assert list(back) == ["rnn_step", "latch"]
    assert back["rnn_step"].spec == key.spec
    assert [mistake.slug for mistake in back["rnn_step"].mistakes] == [
        "forgets_the_bias",
        "forgets_the_transpose",
    ]
    assert key_bytes(back) == path.read_bytes(), "reading and writing again changes no byte"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["key.npz"]


def test_every_kind_of_argument_and_result_is_kept(tmp_path):
    generator = np.random.default_rng(3)
    args = {
        "rng": generator,
        "f": {"callable": "sum_of_sines"},
        "tensor": torch.ones(2, dtype=torch.float64),
        "numbers": [1, 2.5, float("inf"), 3j, 2**100, None, True, np.float32(2)],
        "words": ("a", b"b", {"W": np.ones((2, 0), np.float32), 3: "three"}),
        "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        "marked": {"!": "array"},
        "texts": np.array(["é", "ab"]),
    }
    result = {"a": [np.arange(3), (1, "x")], "b": np.float64("nan")}
    key = make_exercise_key(Spec("f", {"r": ""}), [Case({"N": 2}, args)], lambda *_: result)
    write_key(tmp_path / "key.npz", {"f": key})
    back = read_key(tmp_path / "key.npz")["f"]
    read = back.cases[0].args
    assert list(read) == list(args)
    assert read["rng"].random() == np.random.default_rng(3).random()
    assert torch.equal(read["tensor"], args["tensor"])
    assert read["numbers"] == args["numbers"] and type(read["numbers"][-1]) is np.float32
    assert read["words"][:2] == ("a", b"b") and read["words"][2]["W"].shape == (2, 0)
    assert read["words"][2][3] == "three" and read["marked"] == {"!": "array"}
    assert np.array_equal(read["fortran"], args["fortran"])
    assert list(read["texts"]) == ["é", "ab"]
    (value,) = back.outcomes[0].results
    assert value["a"][1] == (1, "x") and np.isnan(value["b"])


def test_a_key_holds_no_pickle_no_source_and_no_dates(tmp_path, key):
    path = tmp_path / "key.npz"
    write_key(path, {"rnn_step": key})
    with zipfile.ZipFile(path) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    with np.load(path, allow_pickle=False) as archive:
        manifest = archive["manifest"].tobytes().decode()
        assert all(archive[name].dtype.kind in "biufcU" for name in archive.files)
    assert "np.tanh" not in manifest and "lambda" not in manifest


def test_a_missing_key_is_explained(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(KeyUnreadable, match="not beside this notebook"):
        read_key()
    monkeypatch.setenv("UNROLLED_KEY", str(tmp_path / "other"))
    assert find_key() == tmp_path / "other" / "key.npz"


def damaged(data: bytes):
    yield b""
    yield b"not a zip file"
    yield data[: len(data) // 2]
    yield data.replace(b"ExerciseKey", b"Nothing_key")
    yield data.replace(b'"exercises"', b'"exercisez"')
    yield data.replace(b'"number": 0', b'"number": 9')


def test_a_damaged_key_is_explained(tmp_path, key):
    path = tmp_path / "key.npz"
    for data in damaged(key_bytes({"rnn_step": key})):
        path.write_bytes(data)
        with pytest.raises(KeyUnreadable, match=r"damaged.*Take the chapter's folder again"):
            read_key(path)


def test_a_key_of_another_format_is_explained(tmp_path):
    text = json.dumps({"format": 99, "exercises": {}})
    np.savez(tmp_path / "key.npz", manifest=np.frombuffer(text.encode(), np.uint8))
    with pytest.raises(KeyUnreadable, match="different age"):
        read_key(tmp_path / "key.npz")


def broken():
    raise RuntimeError("oh")


@pytest.mark.parametrize(
    ("solution", "words"),
    [
        (broken, "raised RuntimeError: oh"),
        (lambda: (1, 2, 3), "returned 3 results; RETURNS names 2"),
        (lambda: (1, {2}), "returned a set as b"),
    ],
)
def test_a_solution_that_cannot_be_a_model_is_refused(solution, words):
    with pytest.raises(ValueError, match=words):
        make_exercise_key(Spec("f", {"a": "", "b": ""}), [Case({}, {})], solution)


def test_a_solution_that_changes_an_argument_is_refused():
    def solution(x):
        x += 1
        return x

    case = Case({}, {"x": np.zeros(2)})
    with pytest.raises(ValueError, match="changed x"):
        make_exercise_key(Spec("f", {"a": "N"}), [case], solution)


def cases():
    yield {"dims": {"T": 3}, "args": {"x": np.ones(3)}}


def test_cases_are_read_from_what_the_file_binds():
    spec, found = read_cases(
        "f", {"RETURNS": {"m": "T"}, "TOLERANCE": {"rtol": 1e-3}, "cases": cases, "np": np}
    )
    assert spec == Spec("f", {"m": "T"}, rtol=1e-3)
    assert found[0].dims == {"T": 3}
    assert isinstance(make_exercise_key(spec, found, lambda x: x), ExerciseKey)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ({"cases": cases}, "RETURNS must be"),
        ({"RETURNS": {}, "cases": cases}, "at least one result"),
        ({"RETURNS": {"m": "T"}}, r"cases\(\) is missing"),
        ({"RETURNS": {"m": "T"}, "cases": lambda: []}, "yields nothing"),
        ({"RETURNS": {"m": "T"}, "cases": lambda: [{"args": {}}]}, "case 0 must have"),
        (
            {"RETURNS": {"m": "T"}, "cases": cases, "OBSERVE": "latches"},
            "OBSERVE is none of .*latch",
        ),
        ({"RETURNS": {"m": "T"}, "cases": cases, "OBSERVE": "latch"}, "lacks pulses"),
        ({"RETURNS": {"m": "T"}, "cases": cases, "TOLERANCE": {"tol": 1}}, "rtol and atol"),
        (
            {
                "RETURNS": {"m": "T"},
                "cases": lambda: [{"dims": {}, "args": {"f": {"callable": "no"}}}],
            },
            "no function 'no'",
        ),
        (
            {"RETURNS": {"m": "T"}, "cases": lambda: [{"dims": {}, "args": {"f": len}}]},
            r"args of case 0\['f'\]",
        ),
    ],
)
def test_cases_that_are_not_as_they_must_be_are_named(names, words):
    with pytest.raises((ValueError, TypeError), match=words):
        read_cases("f", names)
