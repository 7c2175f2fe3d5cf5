"""Results of execution kept and shown again, for made-up classes larger than anyone wants to run.

Students who hand in the same code get the same outcome, executed once and read from a file for all
others. Intake, recording, feedback, report and export are the real ones for each. Real classes are never
graded this way: a student's code may do something else the next time.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from autograder.course import Chapter
from autograder.grading.outcome import CellOutcome, Event, ExerciseOutcome, Outcome, StudentCell
from autograder.grading.recording import replace_file


class ReplayGrader:
    """A Grader that executes each distinct list of cells once, and others' with it.

    make_grader: gives the Grader that executes.
    folder: where outcomes are kept; shared by all workers.
    """

    def __init__(self, make_grader: Callable[[], Any], folder: Path):
        self._grader = make_grader()
        self._folder = folder

    def __enter__(self) -> ReplayGrader:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._grader.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self._grader.__exit__(*exception)

    @property
    def notice(self) -> str:
        return getattr(self._grader, "notice", "")

    def grade(self, chapter: Chapter, cells: Sequence[StudentCell]) -> Outcome:
        """As ``session.Grader.grade``; ``seconds`` are those of the execution that is replayed."""
        file = self._folder / f"{_digest(chapter, cells)}.json"
        if file.is_file():
            return _outcome(json.loads(file.read_text(encoding="utf-8")))
        outcome = self._grader.grade(chapter, list(cells))
        replace_file(file, json.dumps(dataclasses.asdict(outcome)))
        return outcome


def _digest(chapter: Chapter, cells: Sequence[StudentCell]) -> str:
    code = json.dumps([chapter.name, [dataclasses.astuple(cell) for cell in cells]])
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()


def _outcome(kept: dict[str, Any]) -> Outcome:
    return Outcome(
        chapter=kept["chapter"],
        exercises={name: ExerciseOutcome(**about) for name, about in kept["exercises"].items()},
        cells={name: CellOutcome(**about) for name, about in kept["cells"].items()},
        events=[Event(**about) for about in kept["events"]],
        seconds=kept["seconds"],
    )
