"""What a build makes, when it does so again, and that it makes all or nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from autograder.authoring.build import build_chapter, stale_files
from autograder.cli import main
from autograder.course import load_course

from .conftest import FIRST, SECOND, edit

EXPERIMENT = "x = np.append(np.zeros(100), 1.0)\n"


def build(course, *options: str) -> int:
    return main(["build", "--course", str(course.root), *options])


def check(course, *options: str) -> int:
    return build(course, "--check", *options)


def test_a_student_gets_notebook_key_and_given_and_nothing_else(built):
    found = {p.relative_to(built.release).as_posix() for p in built.release.rglob("*")}
    assert found == {
        FIRST,
        f"{FIRST}/{FIRST}.ipynb",
        f"{FIRST}/key.npz",
        SECOND,
        f"{SECOND}/{SECOND}.ipynb",
        f"{SECOND}/key.npz",
        f"{SECOND}/given.py",
    }
    given = built.chapters[SECOND].given_file.read_bytes()
    assert (built.chapters[SECOND].released / "given.py").read_bytes() == given


def test_a_solution_is_executed_and_tells_nothing_of_the_machine(built):
    chapter = built.chapters[SECOND]
    notebook = nbformat.read(chapter.solution_notebook, as_version=4)
    nbformat.validate(notebook)
    codes = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in codes] == list(range(1, len(codes) + 1))
    assert "✓ Right" in codes[2].outputs[0].data["text/plain"]
    assert codes[3].outputs[0].text == "0.0099\n"
    assert set(notebook.metadata) == {"kernelspec", "language_info", "unrolled"}
    assert "version" not in notebook.metadata.language_info
    for cell in notebook.cells:
        assert "execution" not in cell.metadata
    for name in ("/tmp/", str(Path.home()), sys.prefix):
        assert name not in chapter.solution_notebook.read_text(encoding="utf-8")


def test_building_again_gives_the_same_bytes(copy, snapshot):
    before = snapshot(copy)
    assert build_chapter(copy.chapters[FIRST], force=True).changed == ()
    assert snapshot(copy) == before


def test_what_is_up_to_date_is_not_executed(copy, snapshot, capsys, monkeypatch):
    monkeypatch.setattr("autograder.authoring.build.execute", forbidden)
    before = snapshot(copy)
    assert build(copy) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in said] == [FIRST, SECOND]
    assert all("up to date in " in line and line.endswith(" s") for line in said)
    assert snapshot(copy) == before


def forbidden(*_):
    raise AssertionError("executed")


def test_a_new_answer_rebuilds_the_key_without_executing(copy, capsys, monkeypatch):
    monkeypatch.setattr("autograder.authoring.build.execute", forbidden)
    chapter = copy.chapters[FIRST]
    wrong = chapter.folder / "answers" / "moving_mean" / "wrong"
    edit(wrong / "forgets_to_divide.py", "This is the sum", "It is the sum")
    assert check(copy, FIRST) == 1
    assert f"{chapter.key_file} is out of date" in capsys.readouterr().err
    assert build(copy) == 0
    said = capsys.readouterr().out
    assert f"{FIRST:<24} rebuilt in" in said and f"{SECOND:<24} up to date in" in said
    assert check(copy) == 0


def test_only_the_chapter_whose_text_changed_is_executed(copy, capsys):
    edit(copy.chapters[SECOND].source, EXPERIMENT, EXPERIMENT.replace("100", "99"))
    assert check(copy) == 1
    said = capsys.readouterr()
    assert f"{FIRST:<24} up to date" in said.out
    assert "01_second.ipynb was not made from this text and toolbox" in said.err
    assert build(copy) == 0
    said = capsys.readouterr().out
    assert f"{FIRST:<24} up to date" in said and f"{SECOND:<24} executed" in said
    assert "0.0100" in copy.chapters[SECOND].solution_notebook.read_text(encoding="utf-8")
    assert check(copy) == 0


def test_a_change_of_a_given_function_makes_the_later_chapter_stale(copy, capsys):
    edit(
        copy.chapters[FIRST].source,
        "    return np.cumsum(x) / count",
        "    return x.cumsum() / count",
    )
    assert check(load_course(copy.root)) == 1
    said = capsys.readouterr().err
    assert "01_second/given.py is out of date" in said
    assert "01_second.ipynb was not made from this" in said


@pytest.mark.parametrize(
    "file, text, stale",
    [
        ("course/unrolled/new.py", "A = 1\n", True),
        ("requirements.txt", "# === students ===\nnumpy==9.9\n# === instructors ===\n", True),
        ("requirements.txt", "# === students ===\nanyio==9.9\n# === instructors ===\n", False),
    ],
)
def test_toolbox_and_versions_that_matter_are_part_of_the_fingerprint(copy, file, text, stale):
    path = copy.root / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    assert bool(stale_files(copy.chapters[FIRST])) == stale


@pytest.mark.parametrize("name", ["key.npz", f"{SECOND}.ipynb", "given.py"])
@pytest.mark.parametrize("how", ["missing", "damaged"])
def test_a_built_file_that_is_missing_or_changed_is_stale_and_mended(
    copy, name, how, snapshot, capsys
):
    before = snapshot(copy)
    path = copy.chapters[SECOND].released / name
    path.unlink() if how == "missing" else path.write_bytes(b"damaged")
    assert check(copy, SECOND) == 1
    wanted = "missing" if how == "missing" else "out of date"
    assert f"{path} is {wanted}" in capsys.readouterr().err
    assert build(copy) == 0
    assert snapshot(copy) == before


def test_a_damaged_solution_is_executed_again(copy, snapshot):
    before = snapshot(copy)
    copy.chapters[FIRST].solution_notebook.write_text("{")
    assert check(copy, FIRST) == 1
    assert build(copy, FIRST) == 0
    assert snapshot(copy) == before


def test_a_solution_that_somebody_ran_and_saved_is_executed_again(copy, snapshot):
    before = snapshot(copy)
    path = copy.chapters[FIRST].solution_notebook
    edit(path, '"0.0099\\n"', '"0.0098\\n"')
    assert check(copy, FIRST) == 1
    assert build(copy, FIRST) == 0
    assert snapshot(copy) == before


def test_check_writes_nothing(unbuilt, snapshot):
    before = snapshot(unbuilt)
    assert check(unbuilt) == 1
    assert snapshot(unbuilt) == before


def test_the_students_requirements_are_built_too(copy, capsys):
    assert not (copy.release / "requirements.txt").exists()
    text = "# === students ===\nanyio==1.0\n# === instructors ===\nnbgrader==2.0\n"
    (copy.root / "requirements.txt").write_text(text, encoding="utf-8")
    assert check(copy) == 1
    assert "requirements.txt is missing" in capsys.readouterr().err
    assert build(copy) == 0
    made = (copy.release / "requirements.txt").read_text(encoding="utf-8")
    assert "anyio==1.0" in made and "nbgrader" not in made


def test_chapters_can_be_built_at_once(unbuilt, built, capsys, snapshot):
    assert build(unbuilt, "--jobs", "2") == 0
    said = capsys.readouterr().out.splitlines()
    assert sorted(line.split()[0] for line in said) == [FIRST, SECOND]
    assert snapshot(unbuilt) == snapshot(built)
    assert build(unbuilt, "--jobs", "0") == 2


def test_a_full_disk_leaves_the_last_build(copy, snapshot, monkeypatch):
    edit(copy.chapters[FIRST].source, EXPERIMENT, EXPERIMENT.replace("100", "99"))
    before = snapshot(copy)
    write = Path.write_bytes

    def full(path: Path, data: bytes) -> int:
        if path.name.startswith(f".{FIRST}.ipynb") and path.parent == copy.chapters[FIRST].released:
            raise OSError(28, "No space left on device")
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    assert build(copy, FIRST) == 2
    assert snapshot(copy) == before


@pytest.mark.parametrize("options", [[FIRST], ["--jobs", "2"]])
def test_ctrl_c_leaves_the_last_build_and_no_kernel(copy, snapshot, tmp_path, options):
    started = tmp_path / "started"
    edit(
        copy.chapters[FIRST].source,
        EXPERIMENT,
        f"import os, pathlib, time\npathlib.Path({str(started)!r}).write_text(str(os.getpid()))\n"
        "time.sleep(100)\n",
    )
    before = snapshot(copy)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "autograder", "build", "--course", str(copy.root), *options],
        stderr=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(scratch)},
        text=True,
    )
    wait_for(started.exists, 60)
    wait_for(lambda: started.read_text() != "", 5)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "stopped; run the same command again" in said
    assert "Traceback" not in said
    assert snapshot(copy) == before
    assert list(scratch.iterdir()) == []
    wait_for(lambda: not alive(int(started.read_text())), 10)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_for(condition, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


@pytest.mark.parametrize("command", ["build", "new"])
def test_help_has_an_example(command, capsys):
    with pytest.raises(SystemExit) as caught:
        main([command, "--help"])
    assert caught.value.code == 0
    assert f"example:\n  autograder {command} " in capsys.readouterr().out
