"""Every chapter's tests and checks tell right answers from wrong ones, proved by `autograder verify`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course import load_course

ROOT = Path(__file__).parent.parent
CHAPTERS = list(load_course(ROOT).chapters)


@pytest.fixture(scope="module")
def verified(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess, dict]:
    """One run over all chapters, which starts graders once, and the JSON that it wrote."""
    proof = tmp_path_factory.mktemp("verified") / "proof.json"
    command = [sys.executable, "-m", "autograder", "verify", "--jobs", "1", "--json", str(proof)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert proof.is_file(), done.stdout + done.stderr
    return done, json.loads(proof.read_text(encoding="utf-8"))


@pytest.mark.timeout(2400)
def test_nothing_is_off_in_any_chapter(verified):
    done, _ = verified
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_tells_right_answers_from_wrong_ones(chapter, verified):
    _, proof = verified
    found = proof[chapter]
    assert found["solution"]["earned"] == found["solution"]["possible"] > 0
    assert found["unsolved"]["earned"] == 0
    assert found["double_jeopardy"] == []
    for name, exercise in found["exercises"].items():
        wrong, right, mutants = exercise["wrong"], exercise["right"], exercise["mutants"]
        assert wrong["tried"] >= 3, f"{name} has hardly any wrong answers"
        assert right["tried"] >= 2, f"{name} has hardly any right answers"
        assert not wrong["accepted"] and not right["refused"], name
        assert not exercise["diagnoses"]["missed"], name
        assert mutants["made"] > 0, f"{name} was not mutated"
        assert set(mutants["survivors"]) == set(mutants["equivalent"]), name
