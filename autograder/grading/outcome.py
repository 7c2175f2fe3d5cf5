"""What is graded and what grading finds: plain, frozen records that cross processes and machines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal["passed", "failed", "error", "timeout", "died", "missing"]


@dataclass(frozen=True)
class StudentCell:
    """A code cell as it was handed in. Of a test cell only the place counts, never the source."""

    id: str
    source: str
    kind: Literal["code", "solution", "test"] = "code"


@dataclass(frozen=True)
class CellOutcome:
    """What a cell showed: nbformat 4 outputs as plain dicts, and its execution count."""

    outputs: list[dict[str, Any]] = field(default_factory=list)
    execution_count: int | None = None


@dataclass(frozen=True)
class ExerciseOutcome:
    """The verdict on one exercise.

    status: ``passed``; ``failed`` (a wrong result); ``error`` (the student's function raised);
        ``timeout``; ``died`` (its process ended); ``missing`` (not defined, or not written yet).
    message: one or two sentences for the student; empty where everything is right.
    diagnosis: the name of the known mistake that it matches, or None.
    advice: what ``check`` says of it, where that helps; may hold `code` and several lines.
    """

    points: float
    earned: float
    status: Status
    message: str = ""
    diagnosis: str | None = None
    advice: str = ""


@dataclass(frozen=True)
class Event:
    """Something an instructor may want to know of: a limit reached, a death, a broken protocol.

    kind: ``timeout``, ``died``, ``output``, ``protocol``, ``skipped`` or ``grader``.
    where: id of the cell or name of the exercise; empty for the notebook as a whole.
    """

    kind: str
    where: str
    text: str


@dataclass
class Outcome:
    """Everything that grading a notebook found."""

    chapter: str
    exercises: dict[str, ExerciseOutcome] = field(default_factory=dict)
    cells: dict[str, CellOutcome] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def points(self) -> float:
        return sum(exercise.points for exercise in self.exercises.values())

    @property
    def earned(self) -> float:
        return sum(exercise.earned for exercise in self.exercises.values())
