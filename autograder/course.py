"""The course as every command sees it: chapters, their cells, their exercises and answers.

A chapter is written once, in ``solutions/NN_name/NN_name.md`` (MyST notebook, read by jupytext).
Nothing here executes anything of a chapter.
"""

from __future__ import annotations

import ast
import functools
import os
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import jupytext
from nbformat import NotebookNode

from autograder.errors import UserError

IMPORTS_TAG = "imports"
SHARED_TAG = "shared"
TEST_PREFIX = "test_"
_CHAPTER_NAME = re.compile(r"\d\d_[a-z][a-z0-9_]*")
_SOLUTION = re.compile(r"^\s*### BEGIN SOLUTION.*?^\s*### END SOLUTION[^\n]*\n?", re.M | re.S)
_HIDDEN = re.compile(r"^\s*### BEGIN HIDDEN TESTS.*?^\s*### END HIDDEN TESTS[^\n]*\n?", re.M | re.S)


@dataclass(frozen=True)
class Answer:
    """Another answer to an exercise: the text that takes the solution cell's place.

    The module docstring of a wrong answer is the diagnosis that a student reads.
    """

    path: Path

    @property
    def name(self) -> str:
        return self.path.stem

    @functools.cached_property
    def _module(self) -> ast.Module:
        try:
            return ast.parse(self.path.read_text(encoding="utf-8"), filename=str(self.path))
        except SyntaxError as error:
            raise UserError(f"{self.path}, line {error.lineno}: {error.msg}") from error

    @property
    def diagnosis(self) -> str:
        """The module docstring on one line; an error where there is none."""
        text = ast.get_docstring(self._module)
        if not text:
            raise UserError(
                f"{self.path}: write the diagnosis that a student reads as the module docstring"
            )
        return " ".join(text.split())

    @property
    def code(self) -> str:
        """The file without its docstring."""
        text = self.path.read_text(encoding="utf-8")
        if ast.get_docstring(self._module) is None:
            return text
        first = self._module.body[0]
        return "".join(text.splitlines(keepends=True)[first.end_lineno :]).lstrip("\n")


@dataclass(frozen=True, eq=False)
class Exercise:
    """A solution cell, the test cell that grades it, and the answers both are held to."""

    name: str
    chapter: Chapter = field(repr=False)
    solution: str
    """Source of the solution cell, between its markers too."""
    test: str
    """Source of the test cell, hidden tests included."""
    points: float
    defines: tuple[str, ...]
    """Every name that the solution cell binds at top level."""

    @property
    def test_id(self) -> str:
        return TEST_PREFIX + self.name

    @property
    def answers(self) -> Path:
        return self.chapter.folder / "answers" / self.name

    @property
    def cases_file(self) -> Path:
        return self.answers / "cases.py"

    @property
    def equivalent_file(self) -> Path:
        """Mutants that no test can kill, each with the reason why (TOML)."""
        return self.answers / "equivalent.toml"

    def _answers(self, kind: str) -> list[Answer]:
        return [Answer(path) for path in sorted((self.answers / kind).glob("*.py"))]

    @property
    def wrong(self) -> list[Answer]:
        return self._answers("wrong")

    @property
    def right(self) -> list[Answer]:
        return self._answers("right")


@dataclass(frozen=True, eq=False)
class Chapter:
    """One chapter of ``course.toml`` and the text that it is built from."""

    name: str
    title: str
    minutes: int
    course: Course = field(repr=False)
    given: dict[str, list[str]] = field(default_factory=dict)
    """Names lifted from earlier chapters into ``given.py``: chapter name to names."""

    @property
    def folder(self) -> Path:
        return self.course.solutions / self.name

    @property
    def source(self) -> Path:
        return self.folder / f"{self.name}.md"

    @property
    def solution_notebook(self) -> Path:
        return self.folder / f"{self.name}.ipynb"

    @property
    def given_file(self) -> Path:
        return self.folder / "given.py"

    @property
    def released(self) -> Path:
        """The student's folder: notebook, ``key.npz`` and, where something is given, ``given.py``."""
        return self.course.release / self.name

    @property
    def released_notebook(self) -> Path:
        return self.released / f"{self.name}.ipynb"

    @property
    def key_file(self) -> Path:
        return self.released / "key.npz"

    def notebook(self) -> NotebookNode:
        """The text as a notebook: no outputs, the same cell ids on every call."""
        if not self.source.is_file():
            raise UserError(
                f"{self.source} is missing; `autograder new {self.name}` makes a chapter"
            )
        try:
            notebook = jupytext.read(self.source, fmt="md:myst")
        except (
            Exception
        ) as error:  # jupytext raises many kinds for one thing: a text it cannot read
            raise UserError(f"{self.source}: not a readable MyST notebook: {error}") from error
        notebook.nbformat, notebook.nbformat_minor = 4, 5
        for number, cell in enumerate(notebook.cells):
            cell.id = cell_id(cell) or f"cell-{number:03d}"
        return notebook

    @functools.cached_property
    def exercises(self) -> dict[str, Exercise]:
        """Exercises in the order of their solution cells, by name."""
        solutions: dict[str, NotebookNode] = {}
        tests: dict[str, NotebookNode] = {}
        for cell in self.notebook().cells:
            if cell.cell_type != "code" or (name := cell_id(cell)) is None:
                continue
            kept = tests if is_test(cell) else solutions if is_solution(cell) else None
            if kept is None:
                continue
            if name in kept:
                raise UserError(f"{self.source}: two cells have the grade_id {name}")
            kept[name] = cell
        for name in tests:
            if not name.startswith(TEST_PREFIX) or name.removeprefix(TEST_PREFIX) not in solutions:
                raise UserError(
                    f"{self.source}: the test cell {name} needs a solution cell before it whose "
                    f"grade_id is {name.removeprefix(TEST_PREFIX)}"
                )
        found = {}
        for name, cell in solutions.items():
            test = tests.get(TEST_PREFIX + name)
            if test is None:
                raise UserError(f"{self.source}: exercise {name} has no test cell test_{name}")
            found[name] = Exercise(
                name=name,
                chapter=self,
                solution=cell.source,
                test=test.source,
                points=float(test.metadata.nbgrader.points),
                defines=top_level_names(cell.source, self.source),
            )
        return found

    @property
    def points(self) -> float:
        """What the automatic tests can give; questions graded by a person are not counted."""
        return sum(exercise.points for exercise in self.exercises.values())

    @functools.cached_property
    def shared(self) -> list[str]:
        """Sources of the cells tagged ``shared``: no exercises, but later chapters may be given them."""
        return [
            cell.source
            for cell in self.notebook().cells
            if cell.cell_type == "code" and SHARED_TAG in cell.metadata.get("tags", [])
        ]

    @functools.cached_property
    def imports(self) -> str:
        """Source of the one cell tagged ``imports``: everything that exercises may rely on."""
        cells = [c for c in self.notebook().cells if IMPORTS_TAG in c.metadata.get("tags", [])]
        if len(cells) != 1:
            raise UserError(
                f"{self.source}: exactly one code cell carries the tag `{IMPORTS_TAG}`, "
                f"found {len(cells)}"
            )
        return cells[0].source


@dataclass(frozen=True, eq=False)
class Course:
    """A folder with ``solutions/course.toml`` and, beside it, the built ``course/``."""

    root: Path
    title: str
    chapters: dict[str, Chapter] = field(default_factory=dict)

    @property
    def solutions(self) -> Path:
        return self.root / "solutions"

    @property
    def release(self) -> Path:
        return self.root / "course"

    def select(self, names: list[str] | tuple[str, ...]) -> list[Chapter]:
        """The named chapters in the course's order; all of them for an empty list."""
        for name in names:
            if name not in self.chapters:
                known = ", ".join(self.chapters) or "none yet"
                raise UserError(f"no chapter {name!r} in {self.solutions / 'course.toml'}: {known}")
        return [c for c in self.chapters.values() if not names or c.name in names]


def load_course(root: Path | None = None) -> Course:
    """Read ``solutions/course.toml`` under ``root`` or the nearest folder above that has one."""
    start = Path(root or os.getcwd()).resolve()
    for folder in (start, *start.parents):
        file = folder / "solutions" / "course.toml"
        if file.is_file():
            return _read(folder, file)
        if root is not None:
            break
    raise UserError(
        f"no solutions/course.toml in {start}"
        + ("" if root else " or above it")
        + "; run from the course's folder or say --course DIR"
    )


def _read(root: Path, file: Path) -> Course:
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{file}: {error}") from error
    course = Course(root=root, title=str(data.get("title", root.name)))
    for entry in data.get("chapter", []):
        name = entry.get("name", "")
        if not _CHAPTER_NAME.fullmatch(name):
            raise UserError(
                f"{file}: a chapter's name is two digits and words, like 05_lstm: {name!r}"
            )
        if name in course.chapters:
            raise UserError(f"{file}: chapter {name} stands twice")
        given = entry.get("given", {})
        for earlier in given:
            if earlier not in course.chapters:
                raise UserError(
                    f"{file}: {name} is given names of {earlier}, which is not before it"
                )
        course.chapters[name] = Chapter(
            name=name,
            title=str(entry.get("title", name)),
            minutes=int(entry.get("minutes", 60)),
            course=course,
            given=given,
        )
    return course


def cell_id(cell: NotebookNode) -> str | None:
    """nbgrader's ``grade_id`` of a cell, or None."""
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def is_solution(cell: NotebookNode) -> bool:
    """Whether a student writes in this cell."""
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def is_test(cell: NotebookNode) -> bool:
    """Whether this is an autograded test cell."""
    return bool(cell.metadata.get("nbgrader", {}).get("grade")) and not is_solution(cell)


def is_manual(cell: NotebookNode) -> bool:
    """Whether a person grades what the student writes in this cell."""
    return bool(cell.metadata.get("nbgrader", {}).get("grade")) and is_solution(cell)


def without_solution(source: str) -> str:
    """A solution cell's source with everything between the solution markers taken out."""
    return _SOLUTION.sub("", source)


def without_hidden_tests(source: str) -> str:
    """A test cell's source as the student sees it."""
    return _HIDDEN.sub("", source)


def top_level_names(source: str, where: Path | str = "<cell>") -> tuple[str, ...]:
    """Names that a cell binds by ``def``, ``class`` or assignment at top level, in order."""
    try:
        module = ast.parse(source)
    except SyntaxError as error:
        raise UserError(f"{where}: solution cell, line {error.lineno}: {error.msg}") from error
    names: dict[str, None] = {}
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names[node.name] = None
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                for leaf in ast.walk(target):
                    if isinstance(leaf, ast.Name):
                        names[leaf.id] = None
    return tuple(names)
