"""The corpus of hostile submissions: what each of them tries, and what must come of it.

An ``Attack`` says how a released notebook is turned into the submission and what the grader must
make of it. Each class of attack is a module beside this one with a ``KIND`` and a tuple ``ATTACKS``;
``graded`` hands in all of them with honest neighbours in between and grades them in one batch.

    python -m tests.hostile                          # grade the corpus and print the table
    HOSTILE_ONLY=pipe,reader python -m tests.hostile  # these classes alone
"""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.course import Chapter
from autograder.grading.demo import filled, released
from autograder.grading.limits import MIB, Limits
from tests.hostile.vault import NAME, POINTS, RIGHT, SECRETS

CLASSES = (
    "forging",
    "notebooks",
    "pipe",
    "reader",
    "stealing",
    "leaving",
    "resources",
    "dying",
)
"""The modules, one for each class of attack."""

LIMITS = Limits(
    cell=3.0,
    test=2.0,
    diagnosis=2.0,
    notebook=8.0,
    grace=0.5,
    memory=512 * MIB,
    scratch=16 * MIB,
    file=8 * MIB,
    processes=48,
    message=8 * MIB,
    output_cell=50_000,
    output_notebook=200_000,
    restarts=3,
)
"""What each submission of the corpus may use: little, so that those who use it all end soon."""


@dataclass(frozen=True)
class Attack:
    """One hostile submission, made from a released notebook that is answered rightly otherwise.

    Whatever it leaves alone must keep its points: ``earns`` names the exceptions.
    """

    name: str
    """A few words, unlike every other attack's."""
    tries: str
    """What it tries, in a sentence."""
    answers: Mapping[str, str] = field(default_factory=dict)
    """Code for the answer cells of these exercises."""
    first: str = ""
    """Code of a cell of its own before the first exercise."""
    last: str = ""
    """Code of a cell of its own behind everything else."""
    written: str = "Because it adds up."
    """The answer to the written question."""
    edit: Callable[[NotebookNode], NotebookNode | str | bytes | None] | None = None
    """Changes the filled notebook, or returns what is handed in in its place."""
    beside: Callable[[Path], None] | None = None
    """Puts more into the student's folder, which it is given; the notebook stands there already."""
    student: str | None = None
    """The folder's name, where it is part of the attack."""
    recorded_as: str | None = None
    """The id that must be made of it, where the name alone does not say."""
    earns: Mapping[str, float] = field(default_factory=dict)
    """Points of the exercises that must not have all of theirs, exactly."""
    reason: str | None = None
    """Words of the reason why nothing of it could be read; it then earns nothing at all."""
    told: str | tuple[str, ...] = ()
    """Kinds of findings and events that the instructor's page must show for it."""
    seconds: float = 20.0
    """How long its grading may take."""
    check: Callable[[Any], None] | None = None
    """More that must hold: called with the ``Case``."""

    @property
    def expected(self) -> dict[str, float]:
        """Points by exercise."""
        if self.reason is not None:
            return dict.fromkeys(POINTS, 0.0)
        return {**POINTS, **self.earns}

    @property
    def kinds(self) -> tuple[str, ...]:
        return (self.told,) if isinstance(self.told, str) else self.told

    def write(self, page: NotebookNode, folder: Path) -> None:
        """Write the submission into a student's folder."""
        made = filled(page, {**RIGHT, **self.answers}, self.written)
        if self.first:
            place = 1 + next(
                n for n, c in enumerate(made.cells) if "imports" in c.metadata.get("tags", [])
            )
            made.cells.insert(place, nbformat.v4.new_code_cell(self.first, id="first"))
        if self.last:
            made.cells.append(nbformat.v4.new_code_cell(self.last, id="last"))
        handed_in: Any = made
        if self.edit is not None:
            changed = self.edit(made)
            handed_in = made if changed is None else changed
        if not isinstance(handed_in, str | bytes):
            handed_in = json.dumps(handed_in)
        data = handed_in.encode("utf-8") if isinstance(handed_in, str) else handed_in
        folder.mkdir(parents=True)
        (folder / f"{NAME}.ipynb").write_bytes(data)
        if self.beside is not None:
            self.beside(folder)


@dataclass(frozen=True)
class Honest:
    """A neighbour of the hostile ones, and what must be recorded of the work."""

    name: str
    answers: Mapping[str, str]
    statuses: Mapping[str, str]
    diagnoses: Mapping[str, str] = field(default_factory=dict)

    def write(self, page: NotebookNode, folder: Path) -> None:
        made = filled(page, {**RIGHT, **self.answers}, "It adds up.")
        # a neighbour's work is a secret as well
        mark = SECRETS["another student's notebook"]
        made.cells.append(nbformat.v4.new_code_cell(f"mine = '{mark}'", id="mine"))
        folder.mkdir(parents=True)
        (folder / f"{NAME}.ipynb").write_text(json.dumps(made), encoding="utf-8")

    @property
    def expected(self) -> dict[str, float]:
        return {n: POINTS[n] if s == "passed" else 0.0 for n, s in self.statuses.items()}


_PASSED = dict.fromkeys(POINTS, "passed")
HONEST = (
    Honest("all right", {}, _PASSED),
    Honest(
        "a known mistake",
        {"scale": "def scale(x, factor):\n    return factor + x\n"},
        {**_PASSED, "scale": "failed"},
        {"scale": "adds"},
    ),
    Honest(
        "two not written",
        {n: "raise NotImplementedError()" for n in ("slope", "Counter")},
        {**_PASSED, "slope": "missing", "Counter": "missing"},
    ),
    Honest(
        "an error",
        {"total": "def total(x):\n    return x.nothing\n"},
        {**_PASSED, "total": "error"},
    ),
)
EVERY = 6
"""After so many attacks stands an honest submission."""


@cache
def attacks() -> dict[str, tuple[str, Attack]]:
    """Every attack by its name, with the class it belongs to."""
    found: dict[str, tuple[str, Attack]] = {}
    only = os.environ.get("HOSTILE_ONLY")
    for name in only.split(",") if only else CLASSES:
        module = importlib.import_module(f"tests.hostile.{name}")
        for attack in module.ATTACKS:
            if attack.name in found:
                raise ValueError(f"two attacks are called {attack.name!r}")
            found[attack.name] = (module.KIND, attack)
    return found


def seating() -> Iterator[tuple[str, Attack | Honest]]:
    """The class: folder names with who sits there, hostile and honest side by side."""
    number = 0
    honest = 0
    for place, (_, attack) in enumerate(attacks().values()):
        if place % EVERY == 0:
            number += 1
            yield f"student-{number:03d}", HONEST[honest % len(HONEST)]
            honest += 1
        number += 1
        yield attack.student or f"student-{number:03d}", attack
    for neighbour in HONEST:
        number += 1
        yield f"student-{number:03d}", neighbour


def hand_in(chapter: Chapter, folder: Path) -> None:
    """Write the whole class into ``folder``, a folder per student."""
    page = released(chapter)
    for student, work in seating():
        work.write(page, folder / student)
