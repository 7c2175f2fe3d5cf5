"""Makes up a class: submissions put together from a chapter's own answer files.

Every student has a skill, drawn once; each exercise is then answered rightly, with one of the known
mistakes, or not at all. A few hand in what real classes hand in too: a damaged file, a second copy
from a browser, a cell that ends the process.
"""

from __future__ import annotations

import copy
import json
import random
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from autograder import course as model
from autograder.course import Chapter, Course, Exercise, load_course
from autograder.errors import UserError
from autograder.grading.lock import only_writer
from autograder.grading.recording import replace_file, source_digest
from autograder.progress import progress

MARK = ".autograder-demo.json"
_MARKERS = re.compile(r"^\s*### (BEGIN|END) SOLUTION[^\n]*\n?", re.M)
_WRITTEN = (
    "Because every step uses the same weights, what was seen early can still be found in the state.",
    "I would say that the order matters, since each step starts from what the last one left.",
    "It depends on the weights: a large one keeps the past, a small one forgets it.",
    "Not sure. My guess is that it grows with the length of the sequence.",
)
_CRASH = "# this cell ends its own process\nimport os\n\nos._exit(1)"


@dataclass(frozen=True)
class MadeUp:
    """One made-up submission and the points that its answers deserve."""

    student: str
    kind: str
    """``all right``, ``unsolved``, ``mixed``, ``crash``, ``damaged``, ``empty`` or ``two copies``."""
    answers: dict[str, str]
    """What each exercise was answered with: ``right…``, ``wrong/…`` or ``unsolved``."""


def released(chapter: Chapter) -> NotebookNode:
    """The chapter's notebook as students get it; UserError where it has not been built."""
    if not chapter.released_notebook.is_file():
        raise UserError(
            f"{chapter.released_notebook} is not built yet; run autograder build {chapter.name}"
        )
    return nbformat.read(chapter.released_notebook, as_version=4)


def answer_codes(exercise: Exercise) -> dict[str, str]:
    """Code of every answer to an exercise that the course has, by kind and name."""
    codes = {"right": _MARKERS.sub("", exercise.solution).strip() + "\n"}
    codes.update({f"right/{answer.name}": answer.code for answer in exercise.right})
    codes.update({f"wrong/{answer.name}": answer.code for answer in exercise.wrong})
    return codes


def filled(
    notebook: NotebookNode, answers: dict[str, str], written: str | None = None
) -> NotebookNode:
    """A copy of the released notebook with these codes in its solution cells, by exercise."""
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        name = model.cell_id(cell)
        if cell.cell_type == "code" and model.is_solution(cell) and name in answers:
            cell.source = answers[name]
        elif written is not None and model.is_manual(cell):
            cell.source = written
    return notebook


def make_class(
    chapter: Chapter,
    notebook: NotebookNode,
    folder: Path,
    students: int,
    seed: int = 0,
    sound: bool = False,
    distinct: int | None = None,
) -> list[MadeUp]:
    """Write ``students`` submissions into ``folder``, in nbgrader's layout; the same for a seed.

    sound: every file is readable and no cell ends its process.
    distinct: so many differ in their code; each other student has one of theirs, and written answers
        of his or her own. None: everybody has code of his or her own.
    """
    codes = {name: answer_codes(exercise) for name, exercise in chapter.exercises.items()}
    made = []
    for one, text, name in progress(
        _made_up(chapter, notebook, codes, students, seed, sound, distinct or students),
        total=students,
        what="making up a class",
        unit="student",
    ):
        place = folder / one.student / chapter.name
        place.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text, encoding="utf-8")
        made.append(one)
    return made


def _made_up(
    chapter: Chapter,
    notebook: NotebookNode,
    codes: dict[str, dict[str, str]],
    students: int,
    seed: int,
    sound: bool,
    distinct: int,
) -> Iterator[tuple[MadeUp, str, str]]:
    digits = max(3, len(str(students)))
    for student in range(students):
        own = random.Random(f"{seed} {student} own")
        number = student if student < distinct else own.randrange(distinct)
        chance = random.Random(f"{seed} {number}")
        kind = "mixed" if sound else _kind(number, chance)
        skill = {"all right": 1.0, "unsolved": 0.0}.get(kind, chance.betavariate(4, 2))
        answers = {name: _answer(codes[name], skill, chance) for name in codes}
        wrote = skill > 0 and own.random() < 0.8
        page = filled(
            notebook,
            {name: codes[name][answer] for name, answer in answers.items() if answer != "unsolved"},
            own.choice(_WRITTEN) if wrote else None,
        )
        if kind == "crash":
            page.cells.append(new_code_cell(_CRASH, id="own-crash"))
        text = json.dumps(page, indent=1, ensure_ascii=False)
        if kind == "damaged":
            text = text[: len(text) // 2]
        elif kind == "empty":
            text = ""
        copies = " (1)" if kind == "two copies" else ""
        name = f"student-{student + 1:0{digits}d}"
        yield MadeUp(name, kind, answers), text, f"{chapter.name}{copies}.ipynb"


def _kind(number: int, chance: random.Random) -> str:
    """The first few are one of each kind, so that a small class shows them too."""
    first = ("all right", "unsolved", "damaged", "crash", "two copies")
    if number < len(first):
        return first[number]
    draw = chance.random()
    for kind, share in (("damaged", 0.01), ("empty", 0.01), ("two copies", 0.03), ("crash", 0.02)):
        draw -= share
        if draw < 0:
            return kind
    return "mixed"


def _answer(codes: dict[str, str], skill: float, chance: random.Random) -> str:
    right = [name for name in codes if name.startswith("right")]
    wrong = [name for name in codes if name.startswith("wrong")]
    if chance.random() < skill:
        return chance.choice(right)
    if not wrong or skill == 0 or chance.random() < 0.25:
        return "unsolved"
    # the commonest mistakes are made by many, the others by few
    weights = [1 / (1 + place) for place in range(len(wrong))]
    return chance.choices(wrong, weights)[0]


def scratch_course(course: Course, out: Path, **about: Any) -> Course:
    """A copy of the course in ``out`` to grade in, so that the real gradebook stays as it is.

    A copy made before for the same class (``about``) is kept, with what was graded in it; another
    one is replaced. UserError where ``out`` holds anything else.
    """
    out = out.resolve()
    mark = out / MARK
    about = {**about, "sources": {c.name: source_digest(c) for c in course.chapters.values()}}
    if out.exists() and any(out.iterdir()):
        if not mark.is_file():
            raise UserError(f"{out} holds something else; choose an empty folder with --out")
        if mark.read_text(encoding="utf-8") == json.dumps(about):
            return load_course(out)
        with only_writer("autograder demo", out):  # and not while one is grading in it
            shutil.rmtree(out)
    out.mkdir(parents=True, exist_ok=True)
    replace_file(mark, "{}")
    clutter = shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__", "*.egg-info")
    shutil.copytree(course.solutions, out / "solutions", ignore=clutter)
    shutil.copytree(course.release, out / "course", ignore=clutter)
    settings = course.root / "nbgrader_config.py"
    if settings.is_file():
        shutil.copy(settings, out / settings.name)
    # last: a copy that was interrupted is made again
    replace_file(mark, json.dumps(about))
    return load_course(out)
