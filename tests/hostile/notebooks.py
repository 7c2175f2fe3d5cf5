"""Attacks through the notebook's JSON and through what is handed in beside it."""

from __future__ import annotations

import copy
import io
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from tests.hostile.corpus import Attack
from tests.hostile.forging import NOTHING, WRONG, code
from tests.hostile.vault import NAME, RIGHT, cell

KIND = "forging the verdict through the notebook"


# ---- what is done to the notebook ----------------------------------------------------------------


def tests(page: NotebookNode) -> list[NotebookNode]:
    return [cell(page, f"test_{name}") for name in RIGHT]


def points_forged(page: NotebookNode) -> None:
    for one in page.cells:
        if marks := one.metadata.get("nbgrader"):
            marks.update(points=1000, max_score=1000, score=1000, locked=False)


def tests_replaced(page: NotebookNode) -> None:
    for one in tests(page):
        one.source = "1000.0"


def tests_removed(page: NotebookNode) -> None:
    for one in tests(page):
        page.cells.remove(one)


def tests_as_text(page: NotebookNode) -> None:
    for one, kind in zip(tests(page), ("markdown", "raw", "markdown", "raw"), strict=True):
        one["cell_type"] = kind
        del one["outputs"], one["execution_count"]


def tests_as_solutions(page: NotebookNode) -> None:
    for one in tests(page):
        one.metadata.nbgrader.update(solution=True, grade=False, locked=False)
        one.source = "pass"


def ids_swapped(page: NotebookNode) -> None:
    """The answer takes the test's name and the test the answer's."""
    answer, test = cell(page, "scale"), cell(page, "test_scale")
    answer.metadata.nbgrader.grade_id, test.metadata.nbgrader.grade_id = "test_scale", "scale"


def tests_duplicated(page: NotebookNode) -> None:
    for one in tests(page):
        twin = copy.deepcopy(one)
        twin.update(id=f"twin-{one.id}", source="1000.0")
        page.cells.append(twin)


def id_stolen(page: NotebookNode) -> None:
    """A wrong answer poses as two exercises at once."""
    thief = cell(page, "slope")
    thief.source = WRONG["slope"] + "\n\ntotal = slope\n"
    thief.metadata.nbgrader.grade_id = "total"


def ids_all_equal(page: NotebookNode) -> None:
    for one in page.cells:
        one["id"] = "same"


def kernel_of_its_own(page: NotebookNode) -> None:
    page.metadata["kernelspec"] = {
        "name": "../../../../bin/sh",
        "display_name": "Python 3",
        "language": "sh",
        "argv": ["/bin/sh", "-c", "touch /tmp/owned", "{connection_file}"],
    }
    page.metadata["language_info"] = {"name": "sh", "file_extension": ".sh"}
    page.metadata["jupytext"] = {"formats": "ipynb,py:percent"}
    page.metadata["celltoolbar"] = "Create Assignment"


def tagged(page: NotebookNode) -> None:
    for one in page.cells:
        one.metadata["tags"] = ["skip-execution", "raises-exception", "remove-cell", "imports"]
        one.metadata["deletable"] = one.metadata["editable"] = False
        one.metadata["trusted"] = True


def attached(page: NotebookNode) -> None:
    for one in page.cells:
        one["attachments"] = {
            "a.svg": {"image/svg+xml": "<svg onload='alert(1)'/>"},
            "../../x.html": {"text/html": "<script>alert(1)</script>"},
        }


def minor_tricks(page: NotebookNode) -> str:
    page["nbformat_minor"] = -(10**15)
    page["orig_nbformat"] = [{}]
    page["worksheets"] = [{"cells": [{"cell_type": "code", "input": "1000.0"}]}]
    return json.dumps(page)


def two_lists_of_cells(page: NotebookNode) -> str:
    """JSON allows a key twice; readers differ in which one they take."""
    text = json.dumps(page)
    return '{"cells": [], ' + text[1:]


def foreign_points(page: NotebookNode) -> None:
    for name in ("bonus", "test_bonus", "test_scale "):
        marks = {"grade": True, "grade_id": name, "locked": True, "points": 1000, "solution": False}
        page.cells.append(
            nbformat.v4.new_code_cell("1000.0", metadata={"nbgrader": {**marks, "task": True}})
        )


def many_foreign_cells(page: NotebookNode) -> None:
    """Each of them is worth a sentence on the instructor's page."""
    for number in range(500):
        marks = {"grade": True, "grade_id": f"bonus-{number}", "points": 1, "solution": False}
        page.cells.append({"cell_type": 7, "source": 7, "metadata": {"nbgrader": marks}})


def table_changed(page: NotebookNode) -> None:
    cell(page, "given_table").source = "table = {'one': 2}"


def everything_at_once(page: NotebookNode) -> None:
    """Tests before answers, answers behind everything, all of it upside down."""
    page.cells.reverse()
    imports = next(c for c in page.cells if "imports" in c.metadata.get("tags", []))
    page.cells.remove(imports)
    page.cells.insert(0, imports)


def outputs_forged(page: NotebookNode) -> None:
    """Outputs as a passing test leaves them, and full credit as nbgrader reads it."""
    result = nbformat.v4.new_output("execute_result", data={"text/plain": "1000.0"})
    for one in page.cells:
        if one.cell_type == "code":
            one["outputs"] = [result]
            one["execution_count"] = 1


def types_swapped(page: NotebookNode) -> None:
    for one in tests(page):
        one["cell_type"] = ["code"]
        one["source"] = {"0": "pass"}
        one["metadata"] = {"nbgrader": [one["metadata"]["nbgrader"]]}
    page["metadata"] = "kernelspec"


def note_forged(page: NotebookNode) -> None:
    note = nbformat.v4.new_markdown_cell("**Note by the grader**: full points.", id="graders-note")
    page.cells.insert(0, note)


def answers_elsewhere(page: NotebookNode) -> None:
    """Every trace of nbgrader is gone; only the functions' names are left."""
    for number, one in enumerate(page.cells):
        one["metadata"] = {}
        one["id"] = f"x{number}"


def comments_about_grades(page: NotebookNode) -> None:
    for one in page.cells:
        one.metadata.setdefault("nbgrader", {}).update(
            comment="graded by hand", auto_score=1000, manual_score=1000, checksum="0" * 32
        )


# ---- what lies beside it -------------------------------------------------------------------------

OWNED = "import os\nprint('a shadow ran')\nfor name in ('allclose', 'array_equal'):\n    globals()[name] = (lambda *a, **k: True)\n"


def shadows(folder: Path) -> None:
    """Modules and settings that Python, IPython, pytest or nbgrader would pick up."""
    for name in (
        "numpy.py torch.py sitecustomize.py usercustomize.py conftest.py ipython_config.py "
        "nbgrader_config.py jupyter_config.py given.py autograder.py msgpack.py matplotlibrc "
        "unrolled/__init__.py unrolled/plain.py .ipython/profile_default/startup/00-owned.py "
        "owned.pth pytest.ini solutions/course.toml __init__.py"
    ).split():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(OWNED)
    (folder / "key.npz").write_bytes(b"PK\x03\x04")


def link_to(target: str) -> Callable[[Path], None]:
    def beside(folder: Path) -> None:
        page = folder / f"{NAME}.ipynb"
        page.unlink()
        page.symlink_to(target)

    return beside


def collected_long_ago(folder: Path) -> None:
    (folder / NAME).mkdir()
    (folder / f"{NAME}.ipynb").rename(folder / NAME / f"{NAME}.ipynb")
    (folder / NAME / "timestamp.txt").write_text("1999-01-01 00:00:00 UTC")


def links_beside(folder: Path) -> None:
    """Links to the gradebook, to the whole disk and to themselves, beside an honest notebook."""
    (folder / "gradebook.db").symlink_to("../../gradebook.db")
    (folder / "everything").symlink_to("/")
    (folder / "loop").symlink_to("loop")
    (folder / f"{NAME} (1).ipynb").symlink_to(f"../../solutions/{NAME}/{NAME}.md")


def a_pipe(folder: Path) -> None:
    page = folder / f"{NAME}.ipynb"
    page.unlink()
    os.mkfifo(page)


def zipped(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def archive_that_climbs(folder: Path) -> None:
    page = folder / f"{NAME}.ipynb"
    data = page.read_bytes()
    page.unlink()
    names = (f"../../{NAME}.ipynb", f"/tmp/{NAME}.ipynb", f"C:\\{NAME}.ipynb", "../owned.ipynb")
    (folder / "work.zip").write_bytes(zipped(dict.fromkeys(names, data)))


def many_bombs(folder: Path) -> None:
    """Zips of zips that unpack to a thousand times their size, a hundred of them."""
    bomb = zipped({"zeros.ipynb": bytes(2 * 10**6)})
    for number in range(60):
        (folder / f"bomb-{number:03d}.zip").write_bytes(zipped({"inner.zip": bomb}))


def a_better_copy(folder: Path) -> None:
    """A second notebook whose tests are its own."""
    page = json.loads((folder / f"{NAME}.ipynb").read_text())
    for one in page["cells"]:
        one["metadata"].get("nbgrader", {}).update(points=1000)
        if one["metadata"].get("nbgrader", {}).get("grade_id", "").startswith("test_"):
            one["source"] = "1000.0"
    (folder / f"{NAME} (1).ipynb").write_text(json.dumps(page))


def unread(data: bytes | str) -> Callable[[NotebookNode], Any]:
    return lambda page: data


def _values(count: int) -> str:
    return '{"nbformat": 4, "metadata": [' + "[]," * count + '0], "cells": []}'


MAGICS = code(
    """
    %load_ext autoreload
    %autoreload 2
    %config IPCompleter.use_jedi = False
    %config InteractiveShell.ast_node_interactivity = "none"
    %cd /
    %env PATH=.
    %run -i key.npz
    %store x
    %history -g
    %logstart /scratch/log
    %alias allclose true
    %reset_selective -f check
    !cat /etc/passwd ~/private.txt ../*/*.ipynb
    files = !find / -name "*.ipynb"
    print(files)
    """
)


def with_scripts(page: NotebookNode) -> None:
    for magic in (
        "%%script /bin/sh\ntouch /tmp/owned; cat ../private.txt /proc/1/environ",
        "%%bash --bg\nsleep 100",
        "%%python\nimport os; print(os.environ)",
        "%%writefile numpy.py\nallclose = lambda *a: True",
        "%%javascript\nalert(1)",
        "%%html\n<script>alert(1)</script>",
        "%%svg\n<svg onload='alert(1)'/>",
        "%%latex\n$\\href{javascript:alert(1)}{x}$",
        "%%capture kept\nprint(1)",
        "%%timeit -n 1 -r 1\n1",
    ):
        page.cells.insert(3, nbformat.v4.new_code_cell(magic))


ATTACKS = (
    Attack(
        "points in the metadata",
        "claim a thousand points for every cell",
        edit=points_forged,
        told="altered metadata",
    ),
    Attack(
        "tests replaced",
        "put a test that gives a thousand points into every test cell",
        answers=WRONG,
        edit=tests_replaced,
        earns=NOTHING,
        told="altered test",
    ),
    Attack(
        "tests removed",
        "delete the test cells",
        answers=WRONG,
        edit=tests_removed,
        earns=NOTHING,
        told="restored",
    ),
    Attack(
        "tests as text",
        "turn the test cells into Markdown and raw cells",
        answers=WRONG,
        edit=tests_as_text,
        earns=NOTHING,
    ),
    Attack(
        "tests as answers",
        "declare the test cells to be solution cells",
        answers=WRONG,
        edit=tests_as_solutions,
        earns=NOTHING,
        told=("altered test", "altered metadata"),
    ),
    Attack(
        "names swapped",
        "give the test's name to the answer, so that the answer grades itself",
        edit=ids_swapped,
        earns={"scale": 0},
        told="altered test",
    ),
    Attack(
        "tests duplicated",
        "add second test cells of the same names that always pass",
        answers=WRONG,
        edit=tests_duplicated,
        earns=NOTHING,
        told="duplicated",
    ),
    Attack(
        "a name stolen",
        "have one answer pose as another exercise's too",
        edit=id_stolen,
        earns={"total": 0, "slope": 0},
        told="duplicated",
    ),
    Attack(
        "all cells of one id",
        "give every cell the same id",
        edit=ids_all_equal,
    ),
    Attack(
        "a kernel of its own",
        "name a program as the kernel that runs the notebook",
        edit=kernel_of_its_own,
    ),
    Attack(
        "tags on every cell",
        "tag tests to be skipped and removed, and every cell as the imports",
        answers=WRONG,
        edit=tagged,
        earns=NOTHING,
    ),
    Attack(
        "attachments",
        "attach pictures that hold scripts to every cell",
        edit=attached,
    ),
    Attack(
        "an impossible format number",
        "a negative minor version and the cells of another format beside the own ones",
        edit=minor_tricks,
    ),
    Attack(
        "two lists of cells",
        "the key `cells` twice in one JSON object",
        edit=two_lists_of_cells,
    ),
    Attack(
        "cells with points of their own",
        "add graded cells that the chapter does not have",
        answers=WRONG,
        edit=foreign_points,
        earns=NOTHING,
        told="foreign cell",
    ),
    Attack(
        "five hundred foreign cells",
        "bury a changed test under a thousand other findings",
        edit=lambda page: (many_foreign_cells(page), table_changed(page), None)[-1],
        told=("foreign cell", "damaged cell", "altered test"),
        check=lambda case: _few_findings(case),
    ),
    Attack(
        "given code changed",
        "rewrite a locked cell",
        edit=table_changed,
        told="altered test",
    ),
    Attack(
        "upside down",
        "tests before answers, the last cell first, so that total comes before what it calls",
        edit=everything_at_once,
        earns={"total": 0},
        told="reordered",
    ),
    Attack(
        "outputs of a passing run",
        "hand in outputs that nbgrader would read full credit off",
        answers=WRONG,
        edit=outputs_forged,
        earns=NOTHING,
    ),
    Attack(
        "types swapped",
        "lists, objects and texts where the format has something else",
        answers=WRONG,
        edit=types_swapped,
        earns=NOTHING,
        told="damaged cell",
    ),
    Attack(
        "a note by the grader",
        "a cell that claims to be the grader's own note",
        edit=note_forged,
        check=lambda case: _no_text(case, "full points"),
    ),
    Attack(
        "no trace of nbgrader",
        "strip all ids and metadata; wrong answers stay wrong wherever they stand",
        answers=WRONG,
        edit=answers_elsewhere,
        earns=NOTHING,
        told="answer elsewhere",
    ),
    Attack(
        "scores in the metadata",
        "hand in scores, comments and checksums as if a person had graded",
        answers=WRONG,
        edit=comments_about_grades,
        earns=NOTHING,
        check=lambda case: _no_text(case, "graded by hand"),
    ),
    Attack(
        "line magics",
        "shell commands, %run, %load_ext, %config, %cd and %env",
        first=MAGICS,
    ),
    Attack(
        "cell magics",
        "%%script, %%bash in the background, %%writefile, %%javascript and their kind",
        edit=with_scripts,
    ),
    Attack(
        "modules beside the notebook",
        "files named like numpy, the toolbox, the settings of IPython, pytest and nbgrader",
        answers=WRONG,
        beside=shadows,
        earns=NOTHING,
        told="files beside",
        check=lambda case: _no_text(case, "a shadow ran"),
    ),
    Attack(
        "a time of submission",
        "a folder as nbgrader's collect leaves it, with a time long before the due date",
        beside=collected_long_ago,
        told="time of submission",
    ),
    Attack(
        "a link to the source",
        "hand in a symbolic link to the chapter's source",
        beside=link_to(f"../../solutions/{NAME}/{NAME}.md"),
        reason="symbolic link",
    ),
    Attack(
        "a link to an endless file",
        "hand in a symbolic link to a device that never ends",
        beside=link_to("/dev/zero"),
        reason="symbolic link",
    ),
    Attack(
        "links beside the notebook",
        "links to the gradebook, the whole disk and the source beside an honest notebook",
        beside=links_beside,
        told="several notebooks",
    ),
    Attack(
        "a pipe for a notebook",
        "hand in a FIFO, which whoever opens it waits for",
        beside=a_pipe,
        reason="not a regular file",
    ),
    Attack(
        "an archive that climbs out",
        "a zip whose members' paths lead out of the folder",
        beside=archive_that_climbs,
        reason="paths that lead out",
    ),
    Attack(
        "sixty archives of archives",
        "zips in zips beside an honest notebook, which swell when opened",
        beside=many_bombs,
        told="archive",
    ),
    Attack(
        "a copy with other tests",
        "a second notebook, newer, with tests of its own",
        answers=WRONG,
        beside=a_better_copy,
        earns=NOTHING,
        told="several notebooks",
    ),
    Attack(
        "nested without end",
        "a hundred thousand brackets, to overflow the reader's stack",
        edit=unread('{"cells": ' + "[" * 100_000),
        reason="nested too deeply",
    ),
    Attack(
        "three million values",
        "a file whose every byte becomes an object in memory",
        edit=unread(_values(3_000_000)),
        reason="values",
    ),
    Attack(
        "a number of a million digits",
        "a number that takes quadratic time to read",
        edit=lambda page: json.dumps(page).replace(
            '"nbformat_minor": 5', f'"nbformat_minor": {"7" * 10**6}, "x": 0.{"3" * 10**6}'
        ),
    ),
)


def _few_findings(case: Any) -> None:
    assert len(case.record.findings) < 20
    assert {finding.kind for finding in case.record.findings[:3]} >= {"altered test"}
    assert len(case.feedback) < 10**6


def _no_text(case: Any, text: str) -> None:
    """A text of the student's must not stand on the student's page as if it were the grader's."""
    assert text not in case.feedback
