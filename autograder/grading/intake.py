"""Intake: reads a submission, executes nothing, and rebuilds it from the chapter's own source.

Everything is an allow-list. From a submission come texts alone: the code of solution cells, the
student's own ordinary code, the answers to written questions and the student's own notes. Tests,
locked cells, prose, points, tags and every other metadata come from the source, so nothing that a
student writes into a notebook's JSON can reach the grader.
"""

from __future__ import annotations

import codecs
import copy
import functools
import itertools
import json
import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from traitlets.config import Config, PyFileConfigLoader

from autograder import course as model
from autograder.course import Chapter
from autograder.errors import UserError
from autograder.grading.handed_in import Finding, HandedIn, Unreadable
from autograder.grading.outcome import StudentCell
from autograder.grading.readable import deceives, encodable, readable

MAX_CELLS = 3000
MAX_CELL_CHARACTERS = 500_000
MAX_CODE_CHARACTERS = 4_000_000
MAX_TEXT_CHARACTERS = 20_000
"""Of a note or a written answer: what turns Markdown into a page takes quadratic time over some."""
MAX_VALUES = 2_000_000
MAX_FINDINGS = 8
"""Of one kind."""
NOTE_ID = "graders-note"
OWN_PREFIX = "own-"
"""Cells that a student added have ids that start with this."""

_TAG_START = re.compile(r"<(?=[A-Za-z/!?])")
_PICTURE = re.compile(r"!+(?=\[)")
# links, inline and by reference, to anything but the web, mail and places on the page
_LINK = re.compile(r"\](?=[(:](?![ \t]*(?:https?://|mailto:|#)))")
_JSON_TEXT = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.S)


@dataclass(frozen=True)
class Submission:
    """A submission as it is graded, or the reason why it cannot be."""

    student: str
    chapter: str
    digest: str
    """Hash of what was handed in."""
    notebook: NotebookNode = field(repr=False)
    """For ``autograded/``: the source with the student's texts in it, no outputs."""
    cells: tuple[StudentCell, ...] = field(repr=False, default=())
    """Code cells in the notebook's order; none where nothing can be read."""
    missing: tuple[str, ...] = ()
    """Exercises without an answer cell."""
    written: dict[str, str] = field(default_factory=dict)
    """Answers to questions that a person grades, by ``grade_id``."""
    findings: tuple[Finding, ...] = ()
    reason: str | None = None
    timestamp: str | None = None


@dataclass(frozen=True)
class _Source:
    """One cell of the chapter as it is graded against."""

    position: int
    cell: NotebookNode
    role: str
    """``solution``, ``test``, ``locked``, ``written``, ``imports``, ``code`` or ``text``."""

    @property
    def grade_id(self) -> str | None:
        return model.cell_id(self.cell)

    @property
    def from_student(self) -> bool:
        return self.role in ("solution", "written", "code", "imports")


@dataclass
class _Given:
    """One cell of a submission, reduced to what is taken from it."""

    number: int
    kind: str
    text: str
    grade_id: str | None
    cell_id: str | None
    claims: tuple
    """What its nbgrader metadata says of grade, solution and points: compared, never used."""
    source: _Source | None = None


class GradedForm:
    """The chapter's source as submissions are held against it: tests in it, solutions out.

    Made with nbgrader's own preprocessors, so checksums are those that ``generate_assignment``
    records and nbgrader goes on recognising an untouched written answer.
    """

    def __init__(self, chapter: Chapter):
        # nbgrader takes two seconds to import
        from nbgrader import preprocessors as nbgrader

        self.chapter = chapter
        notebook = chapter.notebook()
        config = nbgrader_config(chapter.course.root)
        for step in (
            nbgrader.LockCells,
            nbgrader.ClearSolutions,
            nbgrader.ClearOutput,
            nbgrader.CheckCellMetadata,
            nbgrader.ComputeChecksums,
        ):
            notebook, _ = step(config=config)(notebook, {})
        self.notebook = notebook
        self.sources = [_Source(i, c, _role(c)) for i, c in enumerate(notebook.cells)]
        self.by_grade_id = {s.grade_id: s for s in self.sources if s.grade_id}
        self.by_cell_id = {s.cell.id: s for s in self.sources}

    @functools.cached_property
    def exercises(self) -> dict[str, tuple[str, ...]]:
        """Names that each exercise defines."""
        return {name: e.defines for name, e in self.chapter.exercises.items()}

    def empty(self) -> NotebookNode:
        """A notebook of this chapter without cells."""
        notebook = nbformat.v4.new_notebook(metadata=copy.deepcopy(dict(self.notebook.metadata)))
        notebook.nbformat_minor = 5
        return notebook


@functools.lru_cache(maxsize=4)
def nbgrader_config(root: Path) -> Config:
    """The course's ``nbgrader_config.py``; empty where there is none."""
    if not (root / "nbgrader_config.py").is_file():
        return Config()
    try:
        return PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    except Exception as error:  # the file is Python: whatever it raises is the instructor's to mend
        raise UserError(
            f"{root / 'nbgrader_config.py'}: {type(error).__name__}: {error}"
        ) from error


def read(handed: HandedIn, form: GradedForm) -> Submission:
    """What is graded of ``handed``; its ``reason`` is set where nothing can be.

    Never raises for anything that a student can hand in.
    """
    findings = list(handed.findings)
    digest = handed.digest()
    try:
        if handed.reason:
            raise Unreadable(handed.reason)
        given = _best_notebook(handed, form, findings)
    except Unreadable as error:
        return _unreadable(handed, form, digest, findings, str(error))
    notebook, missing, written = _rebuilt(given, form, findings)
    findings = _few(findings)
    notebook.cells[:0] = _note(findings, None)
    return Submission(
        student=handed.student,
        chapter=form.chapter.name,
        digest=digest,
        notebook=notebook,
        cells=student_cells(notebook),
        missing=missing,
        written=written,
        findings=tuple(findings),
        timestamp=handed.timestamp,
    )


def student_cells(notebook: NotebookNode) -> tuple[StudentCell, ...]:
    """The code cells of a rebuilt notebook, as the grader takes them."""
    kinds = {"solution": "solution", "test": "test"}
    return tuple(
        StudentCell(id=cell.id, source=cell.source, kind=kinds.get(_role(cell), "code"))
        for cell in notebook.cells
        if cell.cell_type == "code"
    )


def without_markup(text: str) -> str:
    """A student's Markdown in which no HTML tag can open, no picture is fetched, and every link
    leads to the web, to mail or to a place on the page.

    A tag opens only where a letter follows the bracket at once, and a link where a bracket or colon
    does, so a space between the two is enough, and formulas and code stay readable.
    """
    return _LINK.sub("] ", _PICTURE.sub("", _TAG_START.sub("< ", readable(text))))


def _role(cell: NotebookNode) -> str:
    if model.is_test(cell):
        return "test"
    if model.is_manual(cell):
        return "written"
    if model.is_solution(cell):
        return "solution"
    if cell.cell_type != "code":
        return "text"
    if cell.metadata.get("nbgrader", {}).get("locked"):
        return "locked"
    return "imports" if model.IMPORTS_TAG in cell.metadata.get("tags", []) else "code"


def _unreadable(
    handed: HandedIn, form: GradedForm, digest: str, findings: list[Finding], reason: str
) -> Submission:
    findings = [*_few(findings), Finding("unreadable", reason)]
    notebook = form.empty()
    notebook.cells = [copy.deepcopy(source.cell) for source in form.sources]
    notebook.cells[:0] = _note(findings, reason)
    return Submission(
        student=handed.student,
        chapter=form.chapter.name,
        digest=digest,
        notebook=notebook,
        missing=tuple(form.exercises),
        findings=tuple(findings),
        reason=reason,
        timestamp=handed.timestamp,
    )


def _few(findings: list[Finding]) -> list[Finding]:
    """At most so many of each kind, one of every kind first: many of one must not bury another."""
    of_kind: dict[str, list[Finding]] = {}
    for finding in findings:
        of_kind.setdefault(finding.kind, []).append(finding)
    for kind, found in of_kind.items():
        if len(found) > MAX_FINDINGS:
            rest = len(found) - MAX_FINDINGS + 1
            found[MAX_FINDINGS - 1 :] = [Finding(kind, f"and {rest:,} more like these")]
    rows = itertools.zip_longest(*of_kind.values())
    return [finding for row in rows for finding in row if finding is not None]


def _note(findings: Iterable[Finding], reason: str | None) -> list[NotebookNode]:
    """A cell on top that tells whoever opens the notebook what was found; none for no findings."""
    findings = list(findings)
    if not findings:
        return []
    lines = ["**Note by the grader**", ""]
    if reason:
        lines += ["This submission could not be read, so it has no points yet.", ""]
    lines += [f"- {without_markup(finding.text)}" for finding in findings]
    return [new_markdown_cell("\n".join(lines), id=NOTE_ID)]


# ------------------------------------------------------------------------------- reading the bytes


def _best_notebook(handed: HandedIn, form: GradedForm, findings: list[Finding]) -> list[_Given]:
    """The cells of the likeliest file that is this chapter's notebook."""
    unreadable: list[str] = []
    fallback: tuple[str, list[_Given], list[Finding]] | None = None
    for file in handed.files:
        noted: list[Finding] = []
        try:
            given = _cells(parse(file.read(), file.name, noted), noted)
        except Unreadable as error:
            unreadable.append(str(error))
            continue
        if any(_recognised(cell, form) for cell in given):
            chosen = (file.name, given, noted)
            break
        fallback = fallback or (file.name, given, noted)
    else:
        if fallback is None:
            raise Unreadable("; ".join(unreadable) or "no notebook was handed in")
        name, given, _ = fallback
        if not any(
            _defines(cell.text, names) for cell in given for names in form.exercises.values()
        ):
            raise Unreadable(f"{name}: not a notebook of this chapter")
        chosen = fallback
    name, given, noted = chosen
    findings += noted
    if len(handed.files) > 1:
        rest = ", ".join(repr(f.name) for f in handed.files if f.name != name)
        findings.append(
            Finding(
                "several notebooks", f"graded {name!r}; also handed in: {rest or 'a copy of it'}"
            )
        )
    elif name != f"{form.chapter.name}.ipynb":
        findings.append(Finding("file name", f"handed in as {name!r}"))
    findings += [Finding("unreadable copy", text) for text in unreadable]
    return given


def parse(data: bytes, name: str, findings: list[Finding]) -> dict[str, Any]:
    """A notebook's JSON object with a list of ``cells``; Unreadable with a reason otherwise."""
    text = _decoded(data, name, findings)
    if not text.strip():
        raise Unreadable(f"{name}: the file is empty")
    if _values(data) > MAX_VALUES:
        raise Unreadable(f"{name}: more than {MAX_VALUES:,} values, so not a notebook")
    try:
        document = json.loads(text, parse_int=_small_int)
    except RecursionError as error:
        raise Unreadable(f"{name}: nested too deeply to be a notebook") from error
    except ValueError as error:
        raise Unreadable(f"{name}: not JSON, so not a notebook ({error})") from error
    if not isinstance(document, dict):
        raise Unreadable(f"{name}: not a notebook: its JSON is no object")
    version = document.get("nbformat")
    if version in (1, 2, 3) or (version is None and "worksheets" in document):
        if _cells_of_worksheets(document) > MAX_CELLS:
            raise Unreadable(f"{name}: more than {MAX_CELLS:,} cells")
        document = _upgraded(document, name)
        findings.append(Finding("old format", f"{name}: notebook format {version}, upgraded to 4"))
    elif version != 4:
        findings.append(
            Finding("unknown format", f"{name}: notebook format {version!r:.40}, read as format 4")
        )
    if not isinstance(document.get("cells"), list):
        raise Unreadable(f"{name}: not a notebook: it has no list of cells")
    if len(document["cells"]) > MAX_CELLS:
        raise Unreadable(f"{name}: {len(document['cells']):,} cells, more than {MAX_CELLS:,}")
    return document


def _decoded(data: bytes, name: str, findings: list[Finding]) -> str:
    marks = (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    )
    encoding = next((e for mark, e in marks if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        if encoding != "utf-8":
            raise Unreadable(f"{name}: damaged {encoding} text") from None
        encoding = "latin-1"
        text = data.decode(encoding)
    if encoding not in ("utf-8", "utf-8-sig"):
        findings.append(Finding("encoding", f"{name}: not UTF-8, read as {encoding}"))
    return text


def _values(data: bytes) -> int:
    """How many values the JSON can have at most: each one takes far more memory than its text."""
    if len(data) <= MAX_VALUES:
        return 0  # it cannot have more
    structure = _JSON_TEXT.sub(b"", data)
    return sum(structure.count(mark) for mark in (b",", b"[", b"{"))


def _small_int(digits: str) -> int:
    """No number in a notebook is large; a huge one would cost quadratic time to read."""
    return int(digits) if len(digits) < 20 else 0


def _cells_of_worksheets(document: dict[str, Any]) -> int:
    """How many cells an old notebook has, or pretends to have: converting them takes long."""
    sheets = document.get("worksheets")
    lists = [s.get("cells") for s in sheets if isinstance(s, dict)] if type(sheets) is list else []
    lists.append(document.get("cells"))
    return sum(len(cells) for cells in lists if isinstance(cells, list))


def _upgraded(document: dict[str, Any], name: str) -> dict[str, Any]:
    document["nbformat"] = document.get("nbformat", 3)
    for key in ("nbformat_minor", "orig_nbformat"):
        if not isinstance(document.get(key, 0), int):
            document[key] = 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about what is repaired on the way
            old = nbformat.reads(json.dumps(document), as_version=4)
            return json.loads(nbformat.writes(old))
    except Exception as error:  # its upgraders trust their input and fail in many ways
        raise Unreadable(f"{name}: an old notebook format that cannot be upgraded") from error


def _cells(document: dict[str, Any], findings: list[Finding]) -> list[_Given]:
    """The cells that are cells; what else stands in the list is noted and left out."""
    given: list[_Given] = []
    deceiving: list[str] = []
    total = 0
    for number, cell in enumerate(document["cells"], start=1):
        if not isinstance(cell, dict):
            findings.append(Finding("damaged cell", f"cell {number} is no cell; left out"))
            continue
        kind = cell.get("cell_type")
        if kind not in ("code", "markdown", "raw"):
            findings.append(
                Finding("damaged cell", f"cell {number} has the type {kind!r:.40}; read as code")
            )
            kind = "code"
        text = _text(cell.get("source", ""))
        if text is None:
            findings.append(Finding("damaged cell", f"cell {number} has no text; read as empty"))
            text = ""
        total += len(text)
        if len(text) > MAX_CELL_CHARACTERS or total > MAX_CODE_CHARACTERS:
            findings.append(Finding("huge cell", f"cell {number} is too long; left out"))
            total -= len(text)
            text = ""
        if kind != "code" and len(text) > MAX_TEXT_CHARACTERS:
            findings.append(Finding("huge cell", f"cell {number} is too long; cut"))
            text = text[:MAX_TEXT_CHARACTERS] + "\n\n… cut here"
        if deceives(text):
            deceiving.append(str(number))
        metadata = cell.get("metadata")
        marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
        marks = marks if isinstance(marks, dict) else {}
        grade_id, cell_id = marks.get("grade_id"), cell.get("id")
        given.append(
            _Given(
                number=number,
                kind=kind,
                text=text,
                grade_id=grade_id if isinstance(grade_id, str) else None,
                cell_id=cell_id if isinstance(cell_id, str) else None,
                claims=_claims(marks),
            )
        )
    if deceiving:
        cells = ", ".join(deceiving[:8]) + (" …" if len(deceiving) > 8 else "")
        findings.append(
            Finding(
                "hidden characters",
                f"in cell {cells} stand characters that are not shown or that change the order in "
                "which others are",
            )
        )
    return given


def _text(source: Any) -> str | None:
    """A cell's source as one string that every encoder accepts."""
    if isinstance(source, list) and all(isinstance(part, str) for part in source):
        source = "".join(source)
    if not isinstance(source, str):
        return None
    return encodable(source)  # half a surrogate pair is legal JSON


def _claims(marks: dict[str, Any]) -> tuple:
    points = marks.get("points", 0)
    number = isinstance(points, int | float) and not isinstance(points, bool)
    return (
        bool(marks.get("grade")),
        bool(marks.get("solution")),
        float(points) if number and marks.get("grade") else 0.0,
    )


# ------------------------------------------------------------------------ rebuilding from the source


def _recognised(cell: _Given, form: GradedForm) -> _Source | None:
    """The source cell that a cell stands for: by its grade_id, else by its own id."""
    if cell.grade_id is not None and cell.grade_id in form.by_grade_id:
        return form.by_grade_id[cell.grade_id]
    source = form.by_cell_id.get(cell.cell_id) if cell.cell_id else None
    # a code cell's id on a text is a coincidence, unless the cell is an answer
    if source is not None and not source.grade_id and cell.kind != source.cell.cell_type:
        return None
    return source


def _rebuilt(
    given: list[_Given], form: GradedForm, findings: list[Finding]
) -> tuple[NotebookNode, tuple[str, ...], dict[str, str]]:
    _match(given, form, findings)
    present = {cell.source.position: cell for cell in given if cell.source is not None}
    _note_order([cell.source for cell in given if cell.source is not None], findings)
    restored = _restored_after(form, present, findings)
    cells: list[NotebookNode] = [_as_source(s) for s in restored.get(-1, [])]
    written: dict[str, str] = {}
    used = set(form.by_cell_id) | {NOTE_ID}
    for cell in given:
        if cell.source is None:
            node = _own(cell, used)
            cells += [node] if node is not None else []
            continue
        source = cell.source
        if source.from_student:
            cells.append(_filled(source, cell, written))
        else:
            _note_altered(source, cell, findings)
            cells.append(_as_source(source))
        cells += [_as_source(s) for s in restored.get(source.position, [])]
    notebook = form.empty()
    notebook.cells = _tests_after_solutions(cells)
    missing = tuple(
        name for name in form.exercises if form.by_grade_id[name].position not in present
    )
    return notebook, missing, written


def _match(given: list[_Given], form: GradedForm, findings: list[Finding]) -> None:
    """Give every cell the source cell that it stands for; at most one each."""
    # from the end: of two cells with one id the last is the answer, as in nbgrader (and as Python
    # itself would have it); the earlier ones still run, as ordinary cells
    taken: dict[int, _Given] = {}
    dropped: set[int] = set()
    for cell in reversed(given):
        source = _recognised(cell, form)
        if source is None:
            if cell.grade_id is not None:
                findings.append(
                    Finding(
                        "foreign cell",
                        f"cell {cell.number} has the id {cell.grade_id!r:.60}, which this chapter "
                        "does not have; taken as an ordinary cell",
                    )
                )
            continue
        if source.position in taken:
            if source.role in ("code", "imports", "text"):
                continue
            findings.append(
                Finding(
                    "duplicated",
                    f"cell {cell.number} repeats {source.grade_id}; the last one counts",
                )
            )
            if source.role in ("test", "locked"):
                dropped.add(cell.number)
            continue
        taken[source.position] = cell
        cell.source = source
    given[:] = [cell for cell in given if cell.number not in dropped]
    _match_by_text(given, form, taken)
    _adopt(given, form, taken, findings)


def _match_by_text(given: list[_Given], form: GradedForm, taken: dict[int, _Given]) -> None:
    """Recognise untouched prose and code of notebooks whose editor dropped the cells' ids."""
    by_text: dict[tuple[str, str], list[_Source]] = {}
    for source in form.sources:
        if source.position not in taken and source.role in ("code", "imports", "text"):
            key = (source.cell.cell_type, source.cell.source.strip())
            by_text.setdefault(key, []).append(source)
    for cell in given:
        waiting = by_text.get((cell.kind, cell.text.strip()))
        if cell.source is None and waiting:
            cell.source = waiting.pop(0)
            taken[cell.source.position] = cell


def _adopt(
    given: list[_Given], form: GradedForm, taken: dict[int, _Given], findings: list[Finding]
) -> None:
    """Find answers whose cell lost its metadata: an ordinary cell that defines the exercise."""
    for name, defines in form.exercises.items():
        source = form.by_grade_id[name]
        if source.position in taken:
            continue
        for cell in reversed(given):
            free = cell.source is None and cell.kind == "code"
            if free and _defines(cell.text, defines):
                cell.source = source
                taken[source.position] = cell
                findings.append(
                    Finding(
                        "answer elsewhere",
                        f"the answer cell of {name} is missing; cell {cell.number} defines "
                        f"{name} and was taken for it",
                    )
                )
                break
        else:
            findings.append(
                Finding("missing answer", f"the answer cell of {name} is missing: no points")
            )


def _defines(text: str, names: tuple[str, ...]) -> bool:
    """Whether a cell binds the first of these names at its left margin. Text only: no parser runs
    on what a student wrote."""
    if not names:
        return False
    name = re.escape(names[0])
    return bool(re.search(rf"^(?:(?:async +)?def|class)\s+{name}\b|^{name}\s*=", text, re.M))


def _note_order(sources: list[_Source], findings: list[Finding]) -> None:
    graded = [s for s in sources if s.grade_id]
    moved = [
        after.grade_id
        for before, after in zip(graded, graded[1:], strict=False)
        if after.position < before.position
    ]
    if moved:
        findings.append(Finding("reordered", f"moved from their place: {', '.join(moved)}"))


def _restored_after(
    form: GradedForm, present: dict[int, _Given], findings: list[Finding]
) -> dict[int, list[_Source]]:
    """Source cells that a submission lacks, each behind the cell that it follows in the source.

    A student's own choice to delete an ordinary cell stands, except for the imports.
    """
    restored: dict[int, list[_Source]] = {}
    anchor = -1
    for source in form.sources:
        if source.position in present:
            anchor = source.position
            continue
        if source.role in ("solution", "code"):
            continue
        if source.role == "imports":
            findings.append(Finding("restored", "the cell with the chapter's imports was missing"))
        elif source.role in ("test", "locked", "written"):
            findings.append(Finding("restored", f"the cell {source.grade_id} was missing"))
        restored.setdefault(anchor, []).append(source)
    return restored


def _note_altered(source: _Source, cell: _Given, findings: list[Finding]) -> None:
    if source.role == "text":
        return
    name = source.grade_id
    if model.without_hidden_tests(source.cell.source).split() != cell.text.split():
        findings.append(Finding("altered test", f"{name} was changed by hand; restored"))
    marks = source.cell.metadata.get("nbgrader", {})
    if cell.grade_id is not None and cell.claims != _claims(marks):
        findings.append(Finding("altered metadata", f"{name}: points or kind changed; restored"))


def _as_source(source: _Source) -> NotebookNode:
    return copy.deepcopy(source.cell)


def _filled(source: _Source, cell: _Given, written: dict[str, str]) -> NotebookNode:
    """The source's cell, with its metadata, around the student's text."""
    node = _as_source(source)
    untouched = cell.text == node.source
    if source.role == "written":
        if not untouched:
            node.source = without_markup(cell.text)
        written[source.grade_id] = "" if untouched else cell.text
    else:
        node.source = cell.text
    return node


def _own(cell: _Given, used: set[str]) -> NotebookNode | None:
    """A cell that the student added: code, or a note; anything else is left out."""
    identity = f"{OWN_PREFIX}{cell.number:04d}"
    while identity in used:
        identity += "x"
    used.add(identity)
    if cell.kind == "code":
        return nbformat.v4.new_code_cell(cell.text, id=identity)
    if cell.kind == "markdown":
        return new_markdown_cell(without_markup(cell.text), id=identity)
    return None


def _tests_after_solutions(cells: list[NotebookNode]) -> list[NotebookNode]:
    """Move a test that stands before its exercise to just behind it."""
    place = {cell.id: number for number, cell in enumerate(cells)}
    behind: dict[str, list[NotebookNode]] = {}
    kept = []
    for number, cell in enumerate(cells):
        exercise = (model.cell_id(cell) or "").removeprefix(model.TEST_PREFIX)
        if model.is_test(cell) and place.get(exercise, -1) > number:
            behind.setdefault(exercise, []).append(cell)
        else:
            kept.append(cell)
    return [c for cell in kept for c in (cell, *behind.get(cell.id, []))]
