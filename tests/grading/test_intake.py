"""Whatever is handed in gets a score or a reason, and only texts are taken from it."""

from __future__ import annotations

import copy
import io
import json
import os
import stat
import zipfile
from pathlib import Path

import nbformat
import pytest
from class_work import NAME, RIGHT, answered, cell, changed, hand_in, small_chapter
from fake_grader import FakeGrader
from nbconvert.filters import markdown2html
from nbformat import NotebookNode

from autograder.course import cell_id, is_test
from autograder.errors import UserError
from autograder.grading import handed_in, intake
from autograder.grading.demo import released


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> intake.GradedForm:
    return intake.GradedForm(small_chapter(tmp_path_factory.mktemp("course")))


@pytest.fixture(scope="module")
def page(form: intake.GradedForm) -> NotebookNode:
    return released(form.chapter)


@pytest.fixture
def right(page: NotebookNode) -> NotebookNode:
    return answered(page, written="Because it adds up.")


def read_one(form: intake.GradedForm, folder: Path) -> intake.Submission:
    (handed,) = handed_in.find(folder, NAME, ("01_other",))
    return intake.read(handed, form)


def read(form: intake.GradedForm, folder: Path, page: NotebookNode | bytes | str):
    hand_in(folder, "student-001", page)
    return read_one(form, folder)


def earned(form: intake.GradedForm, submission: intake.Submission) -> dict[str, float]:
    outcome = FakeGrader().grade(form.chapter, submission.cells)
    return {name: found.earned for name, found in outcome.exercises.items()}


def kinds(submission: intake.Submission) -> set[str]:
    return {finding.kind for finding in submission.findings}


ALL = {"double": 2.0, "total": 3.0}


# ------------------------------------------------------------------- damaged in many ways, a table


def dumped(page: NotebookNode) -> str:
    return json.dumps(page)


def with_cells(page: NotebookNode, edit) -> NotebookNode:
    page = copy.deepcopy(page)
    edit(page)
    return page


def remove(grade_id: str):
    def edit(page):
        page.cells.remove(cell(page, grade_id))

    return edit


def strip_ids(page: NotebookNode) -> None:
    page.nbformat_minor = 4
    for one in page.cells:
        del one["id"]


def strip_metadata(page: NotebookNode) -> None:
    for number, one in enumerate(page.cells):
        one["metadata"] = {}
        one["id"] = f"new-{number}"


def as_version_3(page: NotebookNode) -> str:
    old = nbformat.v3.new_notebook(worksheets=[nbformat.v3.new_worksheet()])
    for one in page.cells:
        metadata = dict(one.metadata)
        if one.cell_type == "code":
            made = nbformat.v3.new_code_cell(input=one.source, metadata=metadata)
        else:
            made = nbformat.v3.new_text_cell("markdown", source=one.source, metadata=metadata)
        old.worksheets[0].cells.append(made)
    return json.dumps(old)


def wrong_types(page: NotebookNode) -> None:
    cell(page, "double")["outputs"] = {"x": []}
    cell(page, "double")["execution_count"] = [1]
    page["metadata"] = ["not", "a", "dict"]
    page["nbformat_minor"] = "five"
    page.cells[0]["metadata"] = None
    page.cells[2]["source"] = {"a": 1}
    page.cells[2]["outputs"] = 7
    page.cells.insert(0, "a string")
    page.cells.insert(3, None)
    page.cells.insert(4, {"cell_type": 5, "source": 6, "metadata": 7, "id": 8})


def huge_numbers(page: NotebookNode) -> str:
    return dumped(page).replace('"nbformat_minor": 5', '"nbformat_minor": ' + "9" * 10_000)


def fifty_megabytes(page: NotebookNode) -> None:
    line = "x" * 999 + "\n"
    cell(page, "double")["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": [line] * 50_000}
    ]


def sources_as_lists(page: NotebookNode) -> None:
    for one in page.cells:
        one["source"] = one["source"].splitlines(keepends=True)


def half_surrogate(page: NotebookNode) -> str:
    return dumped(page).replace("Because", "\\\\ud800".replace("\\\\", "\\") + " Because")


def forged_points(page: NotebookNode) -> None:
    for one in page.cells:
        if "nbgrader" in one.metadata:
            one.metadata.nbgrader.points = 1000
            one.metadata.nbgrader.locked = False
    page.metadata["kernelspec"] = {"name": "mine", "display_name": "x", "language": "ruby"}


def duplicated(page: NotebookNode) -> None:
    place = page.cells.index(cell(page, "double"))
    twin = copy.deepcopy(page.cells[place])
    twin["id"] = "twin"
    twin["source"] = "def double(x):\n    raise RuntimeError('first try')\n"
    page.cells.insert(place, twin)
    page.cells.append(copy.deepcopy(cell(page, "test_total")))


def split_in_two(page: NotebookNode) -> None:
    place = page.cells.index(cell(page, "double"))
    helper = copy.deepcopy(page.cells[place])
    helper["id"] = "upper-half"
    helper["source"] = "two = 2\n"
    page.cells[place]["source"] = "def double(x):\n    return two * np.asarray(x)\n"
    page.cells.insert(place, helper)


def reordered(page: NotebookNode) -> None:
    page.cells.reverse()
    imports = next(c for c in page.cells if "imports" in c.metadata.get("tags", []))
    page.cells.remove(imports)
    page.cells.insert(0, imports)


def answers_as_text(page: NotebookNode) -> None:
    for name in RIGHT:
        one = cell(page, name)
        one["cell_type"] = "markdown"
        del one["outputs"], one["execution_count"]


def foreign_cells(page: NotebookNode) -> None:
    page.cells.append(
        nbformat.v4.new_code_cell(
            "x = 1",
            metadata={"nbgrader": {"grade_id": "rnn_step", "solution": True, "points": 9}},
        )
    )
    page.cells.append(nbformat.v4.new_raw_cell("raw"))
    for one in page.cells:
        one["metadata"]["tags"] = ["skip-execution", "raises-exception"]
        one["attachments"] = {"a.svg": {"image/svg+xml": "<svg onload='alert(1)'/>"}}


TABLE = {
    # name: (what is handed in, points or None for unreadable, kind of finding or None)
    "as it should be": (lambda p: p, ALL, None),
    "empty file": (lambda p: b"", None, "unreadable"),
    "white space only": (lambda p: b" \n\n ", None, "unreadable"),
    "not JSON": (lambda p: "def double(x): return x", None, "unreadable"),
    "half a file": (lambda p: dumped(p)[:900], None, "unreadable"),
    "JSON, but a list": (lambda p: "[1, 2]", None, "unreadable"),
    "JSON, but null": (lambda p: "null", None, "unreadable"),
    "an object without cells": (lambda p: '{"nbformat": 4, "metadata": {}}', None, "unreadable"),
    "cells is no list": (lambda p: '{"nbformat": 4, "cells": {"a": 1}}', None, "unreadable"),
    "no cell at all": (lambda p: '{"nbformat": 4, "cells": []}', None, "unreadable"),
    "another notebook": (
        lambda p: dumped(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = 1")])),
        None,
        "unreadable",
    ),
    "nested too deeply": (lambda p: "[" * 200_000, None, "unreadable"),
    "a zip named .ipynb": (lambda p: b"PK\x03\x04" + bytes(range(256)), None, "unreadable"),
    "too many cells": (
        lambda p: '{"nbformat": 4, "cells": [' + ",".join(["{}"] * 3001) + "]}",
        None,
        "unreadable",
    ),
    "UTF-8 with a mark": (lambda p: b"\xef\xbb\xbf" + dumped(p).encode(), ALL, None),
    "UTF-16": (lambda p: dumped(p).encode("utf-16"), ALL, "encoding"),
    "UTF-32": (lambda p: dumped(p).encode("utf-32"), ALL, "encoding"),
    "half of UTF-16": (lambda p: dumped(p).encode("utf-16")[:-1], None, "unreadable"),
    "Latin-1": (
        lambda p: (
            json.dumps(changed(p, written_why="na\u00efve"), ensure_ascii=False)
            .replace("·", "-")
            .encode("latin-1")
        ),
        ALL,
        "encoding",
    ),
    "half a surrogate pair": (half_surrogate, ALL, None),
    "format 3": (as_version_3, ALL, "old format"),
    "format 5": (
        lambda p: dumped(p).replace('"nbformat": 4', '"nbformat": 5'),
        ALL,
        "unknown format",
    ),
    "format missing": (
        lambda p: dumped(p).replace('"nbformat": 4', '"x": 4'),
        ALL,
        "unknown format",
    ),
    "format is a text": (
        lambda p: dumped(p).replace('"nbformat": 4', '"nbformat": "' + "4" * 500 + '"'),
        ALL,
        "unknown format",
    ),
    "format 3 and damaged": (
        lambda p: '{"nbformat": 3, "worksheets": [{"cells": [{"cell_type": 3}]}]}',
        None,
        "unreadable",
    ),
    "wrong types everywhere": (lambda p: with_cells(p, wrong_types), ALL, "damaged cell"),
    "a number of ten thousand digits": (huge_numbers, ALL, None),
    "50 MB of output": (lambda p: with_cells(p, fifty_megabytes), ALL, None),
    "sources as lists": (lambda p: with_cells(p, sources_as_lists), ALL, None),
    "one huge cell": (
        lambda p: changed(p, double="#" * 600_000),
        {"double": 0.0, "total": 3.0},
        "huge cell",
    ),
    "metadata missing": (
        lambda p: with_cells(p, lambda q: [c.pop("metadata") for c in q.cells]),
        ALL,
        None,
    ),
    "metadata and ids lost": (lambda p: with_cells(p, strip_metadata), ALL, "answer elsewhere"),
    "ids lost": (lambda p: with_cells(p, strip_ids), ALL, None),
    "answer cell missing": (
        lambda p: with_cells(p, remove("double")),
        {"double": 0.0, "total": 3.0},
        "missing answer",
    ),
    "test cell missing": (lambda p: with_cells(p, remove("test_total")), ALL, "restored"),
    "test cell altered": (
        lambda p: changed(p, test_total="pass", double="def double(x):\n    return 0\n"),
        {"double": 0.0, "total": 3.0},
        "altered test",
    ),
    "points forged": (lambda p: with_cells(p, forged_points), ALL, "altered metadata"),
    "cells duplicated": (lambda p: with_cells(p, duplicated), ALL, "duplicated"),
    "answer cell split in two": (lambda p: with_cells(p, split_in_two), ALL, "duplicated"),
    "cells reordered": (lambda p: with_cells(p, reordered), ALL, "reordered"),
    "answers turned into text": (lambda p: with_cells(p, answers_as_text), ALL, None),
    "foreign cells, tags, attachments": (
        lambda p: with_cells(p, foreign_cells),
        ALL,
        "foreign cell",
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_damaged_notebooks_get_a_score_or_a_reason(name, form, right, tmp_path):
    make, points, kind = TABLE[name]
    submission = read(form, tmp_path, make(right))
    if points is None:
        assert submission.reason
        assert not submission.cells
    else:
        assert submission.reason is None
        assert earned(form, submission) == points
    assert kind is None or kind in kinds(submission)
    if name == "as it should be":
        assert not submission.findings
    # what is kept for autograded/ is a valid notebook with every graded cell once, in any case
    nbformat.validate(submission.notebook)
    ids = [cell_id(c) for c in submission.notebook.cells if is_test(c)]
    assert sorted(ids) == ["test_double", "test_total"]
    nbformat.writes(submission.notebook).encode("utf-8")


# ----------------------------------------------------------------------- what is on disk instead


def make_folder(path: Path) -> None:
    path.mkdir()


def make_link(path: Path) -> None:
    secret = path.parent.parent.parent / "secret.ipynb"
    secret.write_text("{}")
    path.symlink_to(secret)


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def make_loop(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (make_folder, "a folder"),
        (make_link, "symbolic link"),
        (make_device, "symbolic link"),
        (make_loop, "symbolic link"),
        (make_pipe, "not a regular file"),
    ],
)
def test_what_is_no_file_is_not_opened(make, word, form, tmp_path):
    place = tmp_path / "class" / "student-001"
    place.mkdir(parents=True)
    make(place / f"{NAME}.ipynb")
    submission = read_one(form, tmp_path / "class")
    assert word in submission.reason


def test_a_linked_student_folder_is_not_followed(form, right, tmp_path):
    hand_in(tmp_path / "class", "student-001", right)
    hand_in(tmp_path / "elsewhere", "secret", right)
    (tmp_path / "class" / "student-002").symlink_to(tmp_path / "elsewhere" / "secret")
    students = [handed.student for handed in handed_in.find(tmp_path / "class", NAME)]
    assert students == ["student-001"]


def test_a_file_without_permission_gets_a_reason(form, right, tmp_path, monkeypatch):
    path = hand_in(tmp_path, "student-001", right)
    ordinary = os.open

    def refusing(file, *rest, **more):
        if Path(file) == path:
            raise PermissionError(13, "Permission denied")
        return ordinary(file, *rest, **more)

    monkeypatch.setattr(os, "open", refusing)
    assert "no permission" in read_one(form, tmp_path).reason


def test_a_student_who_handed_in_nothing_gets_a_reason(form, right, tmp_path):
    hand_in(tmp_path, "student-001", right)
    (tmp_path / "student-002").mkdir()
    found = {h.student: intake.read(h, form) for h in handed_in.find(tmp_path, NAME)}
    assert found["student-001"].reason is None
    assert "no notebook" in found["student-002"].reason


def test_a_file_larger_than_allowed_is_not_read(form, right, tmp_path, monkeypatch):
    monkeypatch.setattr(handed_in.File.read, "__defaults__", (1000,))
    assert "larger than" in read(form, tmp_path, right).reason


# --------------------------------------------------------------------------------------- names


@pytest.mark.parametrize(
    "name",
    [
        f"{NAME}.IPYNB",
        NAME.upper() + ".ipynb",
        f"{NAME} (1).ipynb",
        f"{NAME}(2).ipynb",
        f"{NAME}-1.ipynb",
        f"{NAME}-Copy1.ipynb",
        f"{NAME} copy.ipynb",
        f"{NAME}.ipynb.ipynb",
        f"1234_{NAME}_final_FINAL.ipynb",
        "homework.ipynb",
    ],
)
def test_a_notebook_under_another_name_is_found(name, form, right, tmp_path):
    path = hand_in(tmp_path, "student-001", right)
    path.rename(path.with_name(name))
    submission = read_one(form, tmp_path)
    assert earned(form, submission) == ALL
    assert kinds(submission) == {"file name"}


def test_of_several_notebooks_the_likeliest_is_graded(form, page, right, tmp_path):
    path = hand_in(tmp_path, "student-001", right)
    path.with_name(f"{NAME} (1).ipynb").write_text(json.dumps(page))
    path.with_name("scratch.ipynb").write_text(json.dumps(page))
    submission = read_one(form, tmp_path)
    assert earned(form, submission) == ALL
    assert kinds(submission) == {"several notebooks"}


def test_a_readable_copy_stands_in_for_a_damaged_notebook(form, right, tmp_path):
    path = hand_in(tmp_path, "student-001", "{")
    path.with_name(f"{NAME} (1).ipynb").write_text(json.dumps(right))
    submission = read_one(form, tmp_path)
    assert earned(form, submission) == ALL
    assert {"several notebooks", "unreadable copy"} <= kinds(submission)


def test_checkpoints_and_other_chapters_are_passed_over(form, page, right, tmp_path):
    path = hand_in(tmp_path, "student-001", right)
    (path.parent / ".ipynb_checkpoints").mkdir()
    (path.parent / ".ipynb_checkpoints" / f"{NAME}-checkpoint.ipynb").write_text(json.dumps(page))
    (path.parent / "01_other.ipynb").write_text(json.dumps(page))
    assert not read_one(form, tmp_path).findings


def test_unsafe_student_names_are_made_safe_and_stay_apart(right, tmp_path):
    for name in ("a*b", "a?b", "..hidden", "<img src=x>"):
        hand_in(tmp_path, name, right)
    found = handed_in.find(tmp_path, NAME)
    assert sorted(h.student for h in found) == ["_img src=x_", "a_b", "a_b-2", "hidden"]
    assert all(h.findings for h in found)


# --------------------------------------------------------------------------- folders, zips, an LMS


def test_nbgraders_layout_is_read_with_its_timestamp(form, right, tmp_path):
    for chapter in (NAME, "01_other"):
        place = tmp_path / "submitted" / "student-001" / chapter
        place.mkdir(parents=True)
        (place / f"{chapter}.ipynb").write_text(json.dumps(right))
        (place / "timestamp.txt").write_text("2026-01-02 03:04:05 UTC")
    only_other = tmp_path / "submitted" / "student-002" / "01_other"
    only_other.mkdir(parents=True)
    (only_other / "01_other.ipynb").write_text(json.dumps(right))
    submission = read_one(form, tmp_path)
    assert submission.student == "student-001"
    assert submission.timestamp == "2026-01-02 03:04:05 UTC"
    assert earned(form, submission) == ALL


def test_a_timestamp_that_a_student_hands_in_is_not_believed(form, right, tmp_path):
    path = hand_in(tmp_path, "student-001", right)
    path.with_name("timestamp.txt").write_text("1999-01-01 00:00:00 UTC")
    assert read_one(form, tmp_path).timestamp is None


def zipped(members: dict[str, str | bytes], path: Path | None = None) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    if path is not None:
        path.write_bytes(stream.getvalue())
    return stream.getvalue()


@pytest.mark.parametrize(
    "pattern",
    [
        "{s}/{n}.ipynb",
        "week 1/{s}/{n}.ipynb",
        "submitted/{s}/{n}/{n}.ipynb",
        "{s}_assignsubmission_file_/{n}.ipynb",
        "{s}_333_444_{n}.ipynb",
        "{s}_LATE_333_444_{n}-1.ipynb",
        "{s}_{n}.ipynb",
        "{s}\\{n}.ipynb",
    ],
)
def test_a_zip_from_an_lms_is_read(pattern, form, right, tmp_path):
    members = {
        pattern.format(s=f"student_{number}", n=NAME): json.dumps(right) for number in (11, 22)
    }
    members["__MACOSX/._x.ipynb"] = "rubbish"
    zipped(members, tmp_path / "class.zip")
    found = handed_in.find(tmp_path / "class.zip", NAME)
    assert len(found) == 2
    assert all("student_" in handed.student for handed in found)
    assert len({handed.student for handed in found}) == 2
    for handed in found:
        assert earned(form, intake.read(handed, form)) == ALL


def test_one_zip_per_student_is_read_in_a_folder_and_in_a_zip(form, right, tmp_path):
    inner = zipped({f"deep/{NAME}.ipynb": json.dumps(right)})
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "student-001.zip").write_bytes(inner)
    zipped({"student-001.zip": inner, "student-002.zip": b"no zip"}, tmp_path / "class.zip")
    assert earned(form, read_one(form, tmp_path / "class")) == ALL
    first, second = handed_in.find(tmp_path / "class.zip", NAME)
    assert earned(form, intake.read(first, form)) == ALL
    assert "damaged zip" in intake.read(second, form).reason


def test_paths_that_lead_out_of_a_zip_are_refused(form, right, tmp_path):
    text = json.dumps(right)
    inner = {f"../../{NAME}.ipynb": text, f"/etc/{NAME}.ipynb": text, f"C:/{NAME}.ipynb": text}
    (tmp_path / "class").mkdir()
    zipped(inner, tmp_path / "class" / "student-001.zip")
    submission = read_one(form, tmp_path / "class")
    assert submission.reason == "3 members of the archive have paths that lead out of it"
    assert "archive" in kinds(submission)
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["class", "student-001.zip"]


def test_links_and_passwords_in_a_zip_are_refused(form, tmp_path):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        link = zipfile.ZipInfo(f"student-001/{NAME}.ipynb")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    (tmp_path / "class.zip").write_bytes(stream.getvalue())
    assert "symbolic link" in read_one(form, tmp_path / "class.zip").reason
    data = bytearray(zipped({f"student-001/{NAME}.ipynb": "{}"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "locked.zip").write_bytes(data)
    assert "password" in read_one(form, tmp_path / "locked.zip").reason


def test_a_zip_bomb_is_not_unpacked(form, tmp_path, monkeypatch):
    monkeypatch.setattr(handed_in.File.read, "__defaults__", (100_000,))
    bomb = zipped({f"student-001/{NAME}.ipynb": b"\0" * 5_000_000})
    (tmp_path / "honest.zip").write_bytes(bomb)
    assert "larger than" in read_one(form, tmp_path / "honest.zip").reason
    # one that lies about its size
    data = bytearray(bomb)
    for mark, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        place = data.index(mark) + offset
        data[place : place + 4] = (1000).to_bytes(4, "little")
    (tmp_path / "lying.zip").write_bytes(data)
    assert read_one(form, tmp_path / "lying.zip").reason


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda p: None, "does not exist"),
        (lambda p: p.write_text("x"), "neither a folder nor a readable zip"),
        (lambda p: p.mkdir(), "no submission"),
        (lambda p: hand_in(p.parent, p.name, "{}"), "looks like one student's folder"),
    ],
)
def test_a_wrong_folder_is_told_in_a_sentence(make, words, tmp_path):
    make(tmp_path / "class")
    with pytest.raises(UserError, match=words):
        handed_in.find(tmp_path / "class", NAME)


# ----------------------------------------------------------- what is taken, and what is restored


def test_the_graded_notebook_is_the_source_around_the_students_texts(form, right, tmp_path):
    forged = with_cells(right, forged_points)
    submission = read(form, tmp_path, with_cells(forged, foreign_cells))
    by_id = {c.id: c for c in submission.notebook.cells}
    for source in form.notebook.cells:
        kept = by_id[source.id]
        assert kept.metadata == source.metadata
        if kept.id not in ("double", "total", "written_why"):
            assert kept.source == source.source
    assert submission.notebook.metadata == form.notebook.metadata
    assert "attachments" not in json.dumps(submission.notebook)
    assert "secret_input" in by_id["test_double"].source
    assert by_id["double"].source == RIGHT["double"]


def test_no_solution_is_in_what_is_graded(form, page, tmp_path):
    submission = read(form, tmp_path, page)
    text = json.dumps(submission.notebook) + "".join(c.source for c in submission.cells)
    assert "2 * np.asarray(x)" not in text
    assert "Rubric" not in text


def test_the_students_own_cells_keep_their_place(form, right, tmp_path):
    own = nbformat.v4.new_code_cell("helper = 3")
    right.cells.insert(right.cells.index(cell(right, "total")), own)
    submission = read(form, tmp_path, right)
    sources = [c.source for c in submission.cells]
    assert sources.index("helper = 3") == sources.index(RIGHT["total"]) - 1
    assert [c.kind for c in submission.cells if c.source == "helper = 3"] == ["code"]


def test_a_deleted_experiment_stays_deleted_and_deleted_imports_come_back(form, right, tmp_path):
    right.cells = [c for c in right.cells if "experiment" not in c.source]
    right.cells = [c for c in right.cells if "imports" not in c.metadata.get("tags", [])]
    submission = read(form, tmp_path, right)
    sources = [c.source for c in submission.cells]
    assert not any("experiment" in source for source in sources)
    assert sources[0] == "import numpy as np"
    assert earned(form, submission) == ALL


def test_a_test_moved_before_its_exercise_is_moved_back(form, right, tmp_path):
    test = cell(right, "test_double")
    right.cells.remove(test)
    right.cells.insert(0, test)
    ids = [c.id for c in read(form, tmp_path, right).cells]
    assert ids.index("test_double") == ids.index("double") + 1


def test_written_answers_and_notes_cannot_carry_markup(form, right, tmp_path):
    nasty = 'If a<b then <script>alert(1)</script> ![x](http://spy/1.png) <img onerror="x">'
    cell(right, "written_why").source = nasty
    right.cells.append(nbformat.v4.new_markdown_cell(nasty))
    submission = read(form, tmp_path, right)
    assert submission.written == {"written_why": nasty}
    for one in submission.notebook.cells:
        assert "<script" not in one.source and "<img" not in one.source and "![" not in one.source
    assert "a< b" in submission.notebook.cells[-1].source


def test_an_untouched_written_question_is_no_answer(form, page, tmp_path):
    submission = read(form, tmp_path, page)
    assert submission.written == {"written_why": ""}
    kept = next(c for c in submission.notebook.cells if cell_id(c) == "written_why")
    assert kept.source == next(c for c in page.cells if cell_id(c) == "written_why").source


def test_findings_stand_in_a_note_on_top(form, right, tmp_path):
    submission = read(form, tmp_path, with_cells(right, remove("double")))
    assert submission.notebook.cells[0].id == intake.NOTE_ID
    assert "double is missing" in submission.notebook.cells[0].source


def test_the_digest_changes_with_the_submission_only(form, right, tmp_path):
    first = read(form, tmp_path, right).digest
    assert read(form, tmp_path, right).digest == first
    assert read(form, tmp_path, changed(right, double="pass")).digest != first


# --------------------------------------------------------------------- what is meant to do harm


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("[a](https://docs.python.org/3/)", "[a](https://docs.python.org/3/)"),
        ("[a](#part) [b]( mailto:x@y.org)", "[a](#part) [b]( mailto:x@y.org)"),
        ("[a]: https://docs.python.org/", "[a]: https://docs.python.org/"),
        ("[a](javascript:x)", "[a] (javascript:x)"),
        ("[a](\njavascript:x)", "[a] (\njavascript:x)"),
        ("[a](&#106;avascript:x)", "[a] (&#106;avascript:x)"),
        ("[a]: data:text/html,x", "[a] : data:text/html,x"),
        ("[a]:\n  javascript:x", "[a] :\n  javascript:x"),
        ("!!![a](https://x.org/y.png)", "[a](https://x.org/y.png)"),
        ("<javascript:x> <b>x</b> a < b", "< javascript:x> < b>x< /b> a < b"),
        ("a\u202eb\x1b[31mc\x00\r\nd", "abc\nd"),
        ("$x_1 < x_2$ ![", "$x_1 < x_2$ ["),
    ],
)
def test_a_text_keeps_formulas_and_links_to_the_web_only(text, kept):
    assert intake.without_markup(text) == kept
    page = markdown2html(intake.without_markup(text))
    assert "<img" not in page and 'href="j' not in page and 'href="d' not in page


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("student-001", "student-001"),
        ("Zoë O'Hara, 3", "Zoë O'Hara, 3"),
        (" .student-001 ", "student-001"),
        ("=1+1", "_1_1"),
        ("-x", "_x"),
        ("@x", "_x"),
        ("\uff1dx", "_x"),
        ("a/../b\\c", "a_.._b_c"),
        ("<b>\u202e\x1b", "_b___"),
        ("...", "unnamed"),
    ],
)
def test_a_student_id_is_safe_everywhere(name, kept):
    assert handed_in.clean_student(name) == kept


def test_nobody_takes_anothers_id_by_a_name_that_is_cleaned_to_it(form, page, right, tmp_path):
    hand_in(tmp_path, "student-001", right)
    hand_in(tmp_path, ".student-001", page)
    found = {h.student: intake.read(h, form) for h in handed_in.find(tmp_path, NAME)}
    assert earned(form, found["student-001"]) == ALL
    assert "renamed" in kinds(found["student-001-2"])


def test_names_of_files_are_readable_in_reasons_and_findings(form, right, tmp_path):
    path = hand_in(tmp_path, "student-001", "{")
    path.rename(path.with_name(f"\x1b[2J\u202e\n{NAME}.ipynb"))
    assert read_one(form, tmp_path).reason.startswith(f"{NAME}.ipynb: not JSON")
    long = handed_in.Finding("x", "\x1b[31ma\u2066\r\n  b" + "c" * 10_000)
    assert long.text.startswith("a bccc") and len(long.text) == 500


def test_a_file_of_countless_values_is_not_turned_into_objects(form, tmp_path, monkeypatch):
    monkeypatch.setattr(intake, "MAX_VALUES", 5000)
    numbers = '{"nbformat": 4, "cells": [], "x": [' + "1," * 6000 + "1]}"
    assert "more than 5,000 values" in read(form, tmp_path, numbers).reason
    text = '{"nbformat": 4, "cells": [], "x": "' + "1,[{" * 6000 + '"}'
    assert "not a notebook of this chapter" in read(form, tmp_path, text).reason


def test_an_old_format_of_countless_cells_is_not_converted(form, tmp_path, monkeypatch):
    monkeypatch.setattr(nbformat, "reads", None)  # not asked
    cells = ",".join(['{"cell_type": "code"}'] * 4000)
    old = '{"nbformat": 3, "worksheets": [{"cells": [' + cells + "]}]}"
    assert "more than 3,000 cells" in read(form, tmp_path, old).reason


def test_many_findings_of_a_kind_do_not_bury_another(form, right, tmp_path):
    for number in range(100):
        right.cells.insert(0, nbformat.v4.new_code_cell(""))
        right.cells[0].metadata["nbgrader"] = {"grade_id": f"other-{number}"}
    cell(right, "test_total").source = "pass"
    findings = read(form, tmp_path, right).findings
    assert [f.kind for f in findings].count("foreign cell") == intake.MAX_FINDINGS
    assert "altered test" in {f.kind for f in findings[:2]}
    assert findings[-1].text == "and 93 more like these"


def test_hidden_characters_are_told(form, right, tmp_path):
    cell(right, "double").source += "# \u202e)x( nruter\n"
    (finding,) = read(form, tmp_path, right).findings
    assert finding.kind == "hidden characters"
    assert cell(right, "double").source in {c.source for c in read(form, tmp_path, right).cells}


def test_a_long_text_is_cut(form, right, tmp_path):
    right.cells.append(nbformat.v4.new_markdown_cell("x " * 30_000))
    cell(right, "written_why").source = "y " * 30_000
    submission = read(form, tmp_path, right)
    assert kinds(submission) == {"huge cell"}
    assert all(len(c.source) < 21_000 for c in submission.notebook.cells)
    assert earned(form, submission) == ALL


def test_programs_beside_a_notebook_are_told_and_the_courses_own_are_not(form, right, tmp_path):
    path = hand_in(tmp_path, "student-001", right)
    (path.parent / "unrolled").mkdir()
    for name in ("given.py", "data.csv", "unrolled/plain.py"):
        (path.parent / name).write_text("")
    assert not read_one(form, tmp_path).findings
    zipped({"numpy.py": "", "x.pth": ""}, path.with_name("more.zip"))
    (path.parent / "sitecustomize.py").write_text("")
    (finding,) = read_one(form, tmp_path).findings
    assert finding.kind == "files beside"
    assert "numpy.py, x.pth, sitecustomize.py" in finding.text


def test_only_some_archives_of_a_student_are_opened(form, right, tmp_path):
    path = hand_in(tmp_path, "student-001", right)
    for number in range(20):
        zipped({f"{number}.ipynb": "{"}, path.with_name(f"{number:02}.zip"))
    submission = read_one(form, tmp_path)
    assert earned(form, submission) == ALL
    assert "archive" in kinds(submission)
    (handed,) = handed_in.find(tmp_path, NAME)
    assert len(handed.files) == 1 + handed_in.MAX_ARCHIVES


def test_a_zip_whose_members_have_no_name_costs_nobody_else_anything(form, right, tmp_path):
    data = zipped({f"student-001/{NAME}.ipynb": json.dumps(right), "xx": "", "/": ""})
    (tmp_path / "class.zip").write_bytes(data.replace(b"xx", b"\0x"))
    assert earned(form, read_one(form, tmp_path / "class.zip")) == ALL


def test_a_zip_with_a_huge_directory_is_not_read(form, right, tmp_path, monkeypatch):
    monkeypatch.setattr(handed_in, "MAX_DIRECTORY_BYTES", 500)
    path = hand_in(tmp_path, "student-001", right)
    zipped({f"{number}.ipynb": "" for number in range(100)}, path.with_name("many.zip"))
    submission = read_one(form, tmp_path)
    assert earned(form, submission) == ALL
    assert "members" in next(f.text for f in submission.findings if f.kind == "archive")


def test_a_student_called_like_nbgraders_folder_is_a_student(form, right, tmp_path):
    for student in ("student-001", "submitted", "student-002"):
        hand_in(tmp_path, student, right)
    students = [handed.student for handed in handed_in.find(tmp_path, NAME)]
    assert students == ["student-001", "student-002", "submitted"]


def test_nbgraders_folder_is_found_in_a_course_that_has_been_graded(form, right, tmp_path):
    for place in ("autograded/student-001", "course", "solutions", "submitted/student-001"):
        hand_in(tmp_path / place, NAME, right)
    (tmp_path / "downloads").mkdir()
    assert [h.student for h in handed_in.find(tmp_path, NAME)] == ["student-001"]


def test_a_time_of_submission_that_one_student_alone_has_is_not_believed(form, right, tmp_path):
    for student in ("student-001", "student-002", "student-003"):
        hand_in(tmp_path / student, NAME, right)
    (tmp_path / "student-002" / NAME / "timestamp.txt").write_text("1999-01-01 00:00:00 UTC")
    found = {handed.student: handed for handed in handed_in.find(tmp_path, NAME)}
    assert found["student-002"].timestamp is None
    assert [f.kind for f in found["student-002"].findings] == ["time of submission"]
    assert not found["student-001"].findings
