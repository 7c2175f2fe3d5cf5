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


@pytest.mark.timeout(900)
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_tells_right_answers_from_wrong_ones(chapter, tmp_path):
    proof = tmp_path / "proof.json"
    command = [sys.executable, "-m", "autograder", "verify", chapter, "--jobs", "2"]
    done = subprocess.run(
        [*command, "--json", proof], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(proof.read_text())[chapter]
    assert found["solution"]["earned"] == found["solution"]["possible"] > 0
    assert found["unsolved"]["earned"] == 0
    assert found["double_jeopardy"] == []
    for name, exercise in found["exercises"].items():
        assert exercise["wrong"]["tried"] >= 3, f"{name} has hardly any wrong answers"
        assert exercise["right"]["tried"] >= 2, f"{name} has hardly any right answers"
        assert exercise["mutants"]["made"] > 0, f"{name} was not mutated"
