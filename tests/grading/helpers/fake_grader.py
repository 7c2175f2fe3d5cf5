"""A Grader without a sandbox: runs cells and tests in this process. For our own cells only.

It stands in a folder of its own so that worker processes can import it.
"""

from __future__ import annotations

import contextlib
import io

from autograder.grading.outcome import CellOutcome, Event, ExerciseOutcome, Outcome


class FakeGrader:
    """Same interface as ``session.Grader``."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def grade(self, chapter, cells):
        outcome = Outcome(chapter=chapter.name)
        names = {"__name__": "__main__"}
        for count, cell in enumerate(cells, start=1):
            if cell.kind != "test":
                outcome.cells[cell.id] = _run(cell, names, count)
            if "# says an event" in cell.source:
                outcome.events.append(Event("output", cell.id, "more output than allowed"))
        solutions = {cell.id for cell in cells if cell.kind == "solution"}
        for name, exercise in chapter.exercises.items():
            if name not in solutions:
                found = ExerciseOutcome(exercise.points, 0.0, "missing")
            else:
                found = _tested(exercise, dict(names))
            outcome.exercises[name] = found
        return outcome


def make_fake_grader():
    return FakeGrader()


def _run(cell, names, count):
    shown = io.StringIO()
    outputs = []
    try:
        with contextlib.redirect_stdout(shown):
            exec(compile(cell.source, "<cell>", "exec"), names)
    except Exception as error:
        outputs.append(
            {
                "output_type": "error",
                "ename": type(error).__name__,
                "evalue": str(error),
                "traceback": [f"{type(error).__name__}: {error}"],
            }
        )
    if shown.getvalue():
        outputs.insert(0, {"output_type": "stream", "name": "stdout", "text": shown.getvalue()})
    return CellOutcome(outputs, count)


def _tested(exercise, names):
    function = names.get(exercise.name)
    code = "\n".join(
        line
        for line in exercise.test.splitlines()
        if not line.startswith(("check(", "from unrolled"))
    )
    try:
        exec(compile(code, "<test>", "exec"), names)
    except AssertionError as error:
        for answer in exercise.wrong:
            if getattr(function, "known_as", None) == answer.name:
                return ExerciseOutcome(exercise.points, 0.0, "failed", str(error), answer.name)
        return ExerciseOutcome(exercise.points, 0.0, "failed", str(error))
    except Exception as error:
        return ExerciseOutcome(exercise.points, 0.0, "error", f"{type(error).__name__}: {error}")
    earned = exercise.points * getattr(function, "share", 1.0)
    return ExerciseOutcome(exercise.points, earned, "passed")
