"""Damaged notebooks, archives and messages by the thousand: each gets a score or a reason.

UNROLLED_FUZZ=10000 chooses how many notebooks (default 400); their damage depends on their number
alone, so `CASES=123,456` repeats single ones.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import time
from pathlib import Path

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.course import Course, cell_id, is_test
from autograder.errors import UserError
from autograder.grading import handed_in, intake, outputs, recording, showing
from autograder.grading.feedback import FeedbackExporter
from autograder.grading.limits import Limits
from autograder.grading.pipe import Channel
from autograder.grading.remote import Over, Remote, RemoteFunction
from tests.hostile.mutator import damaged, damaged_archive
from tests.hostile.pages import INVISIBLE, faults
from unrolled import plain

COUNT = int(os.environ.get("UNROLLED_FUZZ", "400"))
CASES = [int(n) for n in os.environ.get("CASES", "").split(",") if n]
MOST_SECONDS = 5.0
"""Of processor time for one notebook."""
CHAPTERS = ("00_start", "01_recurrence") if COUNT <= 1000 else ()


class Held(handed_in.File):
    """A handed-in file that is not on disk."""

    data: bytes

    def read(self, limit: int = handed_in.MAX_NOTEBOOK_BYTES) -> bytes:
        return self.data


def held(name: str, data: bytes) -> handed_in.HandedIn:
    file = Held(f"{name}.ipynb", Path("nowhere"))
    object.__setattr__(file, "data", data)
    return handed_in.HandedIn("student-001", files=[file])


@pytest.fixture(scope="module")
def forms(course: Course) -> list[tuple[intake.GradedForm, list[bytes]]]:
    """Real chapters, each with its released and its solved notebook."""
    chapters = [c for c in course.chapters.values() if not CHAPTERS or c.name in CHAPTERS]
    return [
        (
            intake.GradedForm(chapter),
            [chapter.released_notebook.read_bytes(), _lean(chapter.solution_notebook.read_bytes())],
        )
        for chapter in chapters
        if chapter.released_notebook.is_file() and chapter.solution_notebook.is_file()
    ]


def _lean(data: bytes) -> bytes:
    """A solved notebook whose pictures are small: they take nearly all its bytes."""
    page = json.loads(data)
    for cell in page["cells"]:
        for output in cell.get("outputs", []):
            for kind, value in output.get("data", {}).items():
                if kind.startswith("image/"):
                    output["data"][kind] = str(value)[:400]
    return json.dumps(page, ensure_ascii=False).encode()


def test_damaged_notebooks_get_a_score_or_a_reason(forms):
    read = unreadable = 0
    slowest = (0.0, -1)
    for number in CASES or range(COUNT):
        form, seeds = forms[number % len(forms)]
        data = damaged(seeds, number)
        began = time.process_time()
        try:
            submission = intake.read(held(form.chapter.name, data), form)
            _check(submission, form, whole=number % 20 == 0 or bool(CASES))
        except BaseException as error:
            raise AssertionError(f"case {number}: {type(error).__name__}: {error}") from error
        seconds = time.process_time() - began
        slowest = max(slowest, (seconds, number))
        read += submission.reason is None
        unreadable += submission.reason is not None
    print(f"{read} graded, {unreadable} with a reason; slowest {slowest[0]:.2f} s: {slowest[1]}")
    assert slowest[0] < MOST_SECONDS
    assert CASES or (read > COUNT / 4 and unreadable > COUNT / 20)


def _check(submission: intake.Submission, form: intake.GradedForm, whole: bool) -> None:
    """What must hold of whatever was made of a file."""
    assert bool(submission.cells) == (submission.reason is None)
    assert set(submission.missing) <= set(form.exercises)
    kept = {cell.id: cell for cell in submission.notebook.cells}
    assert len(kept) == len(submission.notebook.cells)
    for source in form.sources:
        if source.role in ("test", "locked"):
            assert kept[source.cell.id].source == source.cell.source
            assert kept[source.cell.id].metadata == source.cell.metadata
    graded = [cell_id(c) for c in submission.notebook.cells if cell_id(c)]
    assert len(graded) == len(set(graded)) and set(graded) <= set(form.by_grade_id)
    tests = [cell.id for cell in submission.cells if cell.kind == "test"]
    if submission.cells:
        assert sorted(tests) == sorted(c.id for c in form.notebook.cells if is_test(c))
    for finding in submission.findings:
        assert not INVISIBLE.search(finding.text) and "\n" not in finding.text
    if whole:
        graded_by = recording.Graded(submission, None)
        results = recording.exercise_results(graded_by, form.chapter)
        page = recording.executed_notebook(submission, None, results, form.chapter)
        nbformat.validate(page)
        nbformat.writes(page).encode("utf-8")
        about = {"nbgrader": {"notebook": form.chapter.name, "student": submission.student}}
        text, _ = FeedbackExporter().from_notebook_node(page, about)
        assert faults(text) == []


def test_damaged_archives_get_submissions_or_a_sentence(forms, tmp_path):
    found = refused = 0
    form, seeds = forms[0]
    for number in range(max(20, COUNT // 10)):
        path = tmp_path / f"class-{number}.zip"
        path.write_bytes(damaged_archive(seeds[:1], number))
        began = time.process_time()
        try:
            class_work = handed_in.find(path, form.chapter.name)
        except UserError:
            refused += 1
        else:
            found += 1
            for handed in class_work:
                _check(intake.read(handed, form), form, whole=False)
        assert time.process_time() - began < MOST_SECONDS, number
        path.unlink()
    print(f"{found} archives read, {refused} refused")
    assert found and refused


# ---- messages ------------------------------------------------------------------------------------

EXAMPLES = max(100, min(COUNT // 4, 5000))
_scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(2**200), 2**200),
    st.floats(),
    st.complex_numbers(),
    st.text(max_size=20),
    st.binary(max_size=20),
)
_keys = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5))
_values = st.recursive(
    _scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(_keys, inner, max_size=4),
    ),
    max_leaves=12,
)
_words = st.sampled_from(
    "done ran begun returned raised timeout looked callback answer refused exercise".split()
)


@settings(max_examples=EXAMPLES, deadline=None)
@given(_values)
def test_what_is_packed_is_unpacked_alike(value):
    data = plain.pack(value)
    assert plain.pack(plain.unpack(data)) == data


@settings(max_examples=EXAMPLES, deadline=None)
@given(_values, st.data())
def test_damaged_bytes_are_malformed_or_plain_data(value, data):
    packed = bytearray(plain.pack(value))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(packed)))
        kind = data.draw(st.sampled_from(["change", "drop", "insert"]))
        if kind == "insert":
            packed[place:place] = data.draw(st.binary(min_size=1, max_size=9))
        elif place < len(packed):
            if kind == "change":
                packed[place] = data.draw(st.integers(0, 255))
            else:
                del packed[place]
    with contextlib.suppress(plain.Malformed):
        found = plain.unpack(bytes(packed), callables=lambda handle: len)
        plain.pack(found, callables=lambda function: 1)


_details = st.one_of(
    _values,
    st.lists(st.tuples(st.text(max_size=4), st.integers(-2, 7), st.booleans()), max_size=5),
)
_outputs = st.fixed_dictionaries(
    {"output_type": st.sampled_from(["stream", "error", "display_data", "execute_result", "x"])},
    optional={
        "name": st.sampled_from(["stdout", "stderr", "x", 3]),
        "text": _values,
        "ename": _values,
        "evalue": st.text(max_size=9),
        "traceback": st.lists(_values, max_size=3),
        "execution_count": _values,
        "metadata": _values,
        "data": st.dictionaries(
            st.sampled_from(["text/plain", "text/html", "image/png", "application/json", "x"]),
            st.one_of(_values, st.text(max_size=30)),
            max_size=4,
        ),
    },
)


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    _words,
    st.one_of(st.just(1), _values),
    st.one_of(
        st.lists(_values, max_size=4),
        st.tuples(
            st.fixed_dictionaries(
                {"f": st.tuples(st.sampled_from(["function", "class", "value"]), _details)}
            )
        ),
        st.tuples(
            st.lists(_outputs, max_size=3),
            st.integers(),
            st.sampled_from(["ok", "error", "?"]),
            st.booleans(),
        ),
    ),
    st.sampled_from(["run_cell", "begin", "end", "look", "call"]),
)
def test_no_answer_of_a_students_process_harms_the_examiner(word, number, fields, asked):
    mine, theirs = socket.socketpair()
    with mine, theirs:
        other = Channel(theirs)
        other.send((word, number, *fields), until=time.monotonic() + 1)
        theirs.shutdown(socket.SHUT_WR)
        remote = Remote(Channel(mine), Limits(grace=0.2))
        remote.deadline = time.monotonic() + 0.2
        with contextlib.suppress(Over):
            if asked == "run_cell":
                sent, count, _, _ = remote.run_cell("cell", "x", 0.2)
                kept, _ = outputs.clean_outputs(sent, 10_000)
                for node in showing.shown(kept):
                    json.dumps(node).encode()
                assert outputs.clean_count(count) is None or 0 <= count < 2**31
            elif asked == "begin":
                for kind, detail in remote.begin(["f"], {}, 1, 0.2).values():
                    assert type(kind) is str
                    RemoteFunction(remote, "f", "f", detail)
            elif asked == "end":
                remote.end()
            elif asked == "look":
                with contextlib.suppress(Exception):  # what the student's object raised
                    assert remote.look(1, "count")[0] in ("method", "value")
            else:
                with contextlib.suppress(Exception):  # what the student's function raised
                    plain.pack(remote.call("f", None, (), {}), callables=lambda function: 1)
