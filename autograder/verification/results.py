"""What verifying a chapter found, and the JSON that other tools read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Finding:
    """Something that is off. where: file and, if it is known, line."""

    where: str
    text: str


@dataclass
class Mutants:
    """Mechanical mutants of one solution.

    survivors: every mutant that the test let pass, explained or not, by its description.
    equivalent: those of them that have a reason in ``equivalent.toml``.
    """

    made: int = 0
    killed: int = 0
    survivors: list[str] = field(default_factory=list)
    equivalent: dict[str, str] = field(default_factory=dict)

    @property
    def unexplained(self) -> list[str]:
        return [text for text in self.survivors if text not in self.equivalent]


@dataclass
class ExerciseResult:
    """One exercise. Lists hold the names of answers."""

    points: float
    wrong_tried: int = 0
    accepted: list[str] = field(default_factory=list)
    right_tried: int = 0
    refused: list[str] = field(default_factory=list)
    matched: int = 0
    missed: list[str] = field(default_factory=list)
    mutants: Mutants = field(default_factory=Mutants)
    mutants_run: bool = False


@dataclass
class ChapterResult:
    """One chapter. ``ran`` is False where its text was refused before anything could run."""

    chapter: str
    possible: float = 0.0
    solution: float = 0.0
    unsolved: float = 0.0
    double_jeopardy: list[str] = field(default_factory=list)
    exercises: dict[str, ExerciseResult] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    ran: bool = True


def as_json(results: list[ChapterResult]) -> dict[str, Any]:
    """Chapter name -> what was found, in plain data for ``json.dump``."""
    return {result.chapter: _chapter(result) for result in results}


def _chapter(result: ChapterResult) -> dict[str, Any]:
    possible = number(result.possible)
    return {
        "solution": {"earned": number(result.solution), "possible": possible},
        "unsolved": {"earned": number(result.unsolved), "possible": possible},
        "double_jeopardy": result.double_jeopardy,
        "exercises": {name: _exercise(part) for name, part in result.exercises.items()},
    }


def _exercise(result: ExerciseResult) -> dict[str, Any]:
    return {
        "points": number(result.points),
        "wrong": {"tried": result.wrong_tried, "accepted": result.accepted},
        "right": {"tried": result.right_tried, "refused": result.refused},
        "diagnoses": {"matched": result.matched, "missed": result.missed},
        "mutants": {
            "made": result.mutants.made,
            "killed": result.mutants.killed,
            "survivors": result.mutants.survivors,
            "equivalent": result.mutants.equivalent,
        },
    }


def number(value: float) -> float | int:
    """Points as they are written: 2 rather than 2.0."""
    return int(value) if float(value).is_integer() else value
