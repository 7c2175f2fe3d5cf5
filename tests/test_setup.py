"""A fresh machine: set-up by one command, for the repository, for conda, for course/ alone."""

from __future__ import annotations

import ast
import importlib.metadata
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import unrolled
from autograder.authoring.requirements import INSTRUCTORS, student_requirements
from autograder.course import load_course
from autograder.errors import UserError
from unrolled import __main__ as command
from unrolled import environment

REPOSITORY = Path(__file__).resolve().parent.parent
REQUIREMENTS = (REPOSITORY / "requirements.txt").read_text(encoding="utf-8")
README_COMMAND = "python3.11 -m unrolled"
PYTHON = getattr(sys, "_base_executable", None) or sys.executable
BUILT = shutil.ignore_patterns(
    ".venv", "*.egg-info", "__pycache__", ".ipynb_checkpoints", ".pytest_cache"
)
# Compiling every file takes as long as installing it, and few are imported here.
FRESH = {**os.environ, "PIP_NO_COMPILE": "no", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
for _name in ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "MAKEFLAGS", "MAKELEVEL", "PORT"):
    FRESH.pop(_name, None)  # of the environment or the `make test` that runs this

PLATFORMS = {
    "linux": {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
    "macos": {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
    "windows": {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"},
}
# torch's build for Linux names the versions of these itself
CUDA = re.compile(r"nvidia-|cuda-|triton$")


def pins(text: str, platform: str = "linux") -> dict[str, str]:
    """Package name to version, of the lines that a platform installs."""
    found = {}
    for line in text.splitlines():
        if not line or line.startswith(("#", "-e")):
            continue
        requirement = Requirement(line)
        if requirement.marker and not requirement.marker.evaluate(dict(PLATFORMS[platform])):
            continue
        (specifier,) = requirement.specifier
        assert specifier.operator == "==" and "*" not in specifier.version, line
        found[canonicalize_name(requirement.name)] = specifier.version
    return found


def run(*words: str | Path, cwd: Path, **options) -> subprocess.CompletedProcess[str]:
    """A command's exit code and output; its standard error is part of the output."""
    return subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        **{"env": FRESH, **options},
    )


def installed(python: Path) -> dict[str, str]:
    """Package name to version in an environment, as pip lists them."""
    done = run(python, "-m", "pip", "list", "--format=json", cwd=python.parent)
    text = done.stdout[done.stdout.index("[{") :]
    listed, _ = json.JSONDecoder().raw_decode(text)
    return {canonicalize_name(entry["name"]): entry["version"] for entry in listed}


# --- the requirements ---------------------------------------------------------------------------


def test_the_course_has_the_torch_and_numpy_it_was_measured_with():
    assert pins(REQUIREMENTS)["torch"] == "2.13.0"
    assert pins(REQUIREMENTS)["numpy"] == "2.4.6"


def test_no_package_is_named_twice():
    lines = [line for line in REQUIREMENTS.splitlines() if line and line[0] not in "#-"]
    assert len({canonicalize_name(Requirement(line).name) for line in lines}) == len(lines)


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("part", ["students", "all"])
def test_the_requirements_name_everything_that_their_packages_need(part, platform):
    text = student_requirements(REQUIREMENTS) if part == "students" else REQUIREMENTS
    named = pins(text, platform)
    for name in named:
        try:
            needs = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            # made for another system, and without needs of their own
            assert name in {"appnope", "colorama", "pywinpty"}
            continue
        for need in map(Requirement, needs):
            if CUDA.match(need.name):
                continue
            marker = need.marker
            if marker is None or marker.evaluate({**PLATFORMS[platform], "extra": ""}):
                version = named.get(canonicalize_name(need.name))
                assert version, f"{name} needs {need}, which this part does not name"
                assert need.specifier.contains(version, prereleases=True), f"{name} needs {need}"


def imported(folder: Path) -> Iterator[tuple[Path, str]]:
    """Each Python file under a folder with the packages that it imports."""
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module]
            else:
                continue
            for name in names:
                yield path, name.partition(".")[0]


@pytest.mark.parametrize(
    ("folder", "text"),
    [
        ("course/unrolled", student_requirements(REQUIREMENTS)),
        ("autograder", REQUIREMENTS),
        ("solutions", REQUIREMENTS),
        ("tests", REQUIREMENTS),
    ],
    ids=lambda value: value if "\n" not in value else "",
)
def test_what_the_code_imports_is_required(folder, text):
    packages = importlib.metadata.packages_distributions()
    own = {"autograder", "unrolled", "tests", "given", "__future__"} | set(sys.stdlib_module_names)
    for path, name in imported(REPOSITORY / folder):
        # pytest puts the second folder on the path
        beside = (path.parent, REPOSITORY / "tests" / "grading" / "helpers")
        if name in own or any((place / f"{name}.py").exists() for place in beside):
            continue
        distributions = {canonicalize_name(found) for found in packages.get(name, [])}
        assert distributions & set(pins(text)), f"{path} imports {name}, which is not required"


def test_the_students_requirements_are_built_from_the_repositorys():
    built = (REPOSITORY / "course" / "requirements.txt").read_text(encoding="utf-8")
    assert built == student_requirements(REQUIREMENTS)
    assert "nbgrader" not in pins(built)
    assert built.rstrip().endswith("-e ./unrolled")


def test_requirements_without_their_marks_are_refused():
    with pytest.raises(UserError, match="needs a line"):
        student_requirements(REQUIREMENTS.replace(INSTRUCTORS, ""))


# --- the right Python ---------------------------------------------------------------------------


@pytest.mark.parametrize("version", [(2, 7), (3, 6, 15), (3, 10, 13), (3, 12, 1), (4, 0)])
def test_another_python_is_refused_with_what_to_install(version):
    with pytest.raises(environment.SetUpError) as refusal:
        environment.check_python(version, 64, "Linux", "x86_64")
    text = str(refusal.value)
    assert "needs Python 3.11" in text
    assert f"this is Python {version[0]}.{version[1]}." in text
    assert "https://www.python.org/downloads" in text


@pytest.mark.parametrize(
    ("described", "sentence"),
    [
        (((3, 10), 64, "Windows", "AMD64"), r"py -3\.11"),
        (((3, 10), 64, "Darwin", "arm64"), r"brew install python@3\.11"),
        (((3, 11), 32, "Windows", "AMD64"), "64-bit"),
        (((3, 11), 64, "Darwin", "x86_64"), "Intel"),
    ],
)
def test_the_refusal_fits_the_system(described, sentence):
    with pytest.raises(environment.SetUpError, match=sentence):
        environment.check_python(*described)


def test_the_right_python_is_accepted_whatever_its_patch_release():
    for release in range(15):
        environment.check_python((3, 11, release), 64, "Linux", "x86_64")


@pytest.mark.parametrize("name", ["__init__", "__main__", "environment"])
def test_an_old_python_can_read_the_files_that_refuse_it(name):
    path = Path(unrolled.__file__).with_name(f"{name}.py")
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 6))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.module != "__future__", "Python 3.6 has no annotations to import"
        if isinstance(node, ast.FunctionDef):
            given = [node.returns, *(argument.annotation for argument in node.args.args)]
            assert not any(isinstance(hint, ast.Subscript | ast.BinOp) for hint in given), node.name


def test_the_command_refuses_another_python_before_it_touches_anything(
    monkeypatch, capsys, toy_course
):
    monkeypatch.setattr(sys, "version_info", (3, 9, 18))
    monkeypatch.setattr(command, "__file__", str(toy_course / "unrolled" / "__main__.py"))
    assert command.main(["--setup-only"]) == 2
    assert "needs Python 3.11, and this is Python 3.9" in capsys.readouterr().err
    assert not (toy_course / ".venv").exists()


def other_pythons() -> list[str]:
    names = [f"python3.{minor}" for minor in range(6, 20) if minor != 11]
    return [
        name
        for name in names
        if shutil.which(name) and run(name, "-c", "", cwd=REPOSITORY).returncode == 0
    ]


def test_every_other_python_of_this_machine_prints_the_sentence(toy_course):
    for python in other_pythons():
        done = run(python, "-m", "unrolled", cwd=toy_course)
        assert done.returncode == 2
        assert "needs Python 3.11" in done.stdout
        assert "Traceback" not in done.stdout
    assert not (toy_course / ".venv").exists()


def test_setting_up_needs_the_standard_library_only(toy_course):
    done = run(
        PYTHON,
        "-I",
        "-S",
        "-c",
        f"import sys; sys.path.insert(0, {str(toy_course)!r})\n"
        "import unrolled, unrolled.__main__; print('numpy' in sys.modules)",
        cwd=toy_course,
    )
    assert done.stdout.strip() == "False"


# --- once, again, interrupted -------------------------------------------------------------------


def copy_course(folder: Path) -> Path:
    """``course/`` without the rest of the repository, as an instructor hands it out."""
    return Path(shutil.copytree(REPOSITORY / "course", folder, ignore=BUILT))


def make_toy(folder: Path) -> Path:
    """A course whose requirements install in seconds, with room for all that can go wrong."""
    copy_course(folder)
    pin = pins(REQUIREMENTS)["toolz"]
    (folder / "requirements.txt").write_text(f"toolz=={pin}\n-e ./unrolled\n", encoding="utf-8")
    return folder


def set_up(course: Path) -> subprocess.CompletedProcess[str]:
    return run(PYTHON, "-m", "unrolled", "--setup-only", cwd=course)


def works(course: Path) -> bool:
    python = environment.python_of(str(course / ".venv"))
    done = run(python, "-c", "import toolz, unrolled; print(unrolled.__file__)", cwd=course.parent)
    return done.stdout.strip() == str(course / "unrolled" / "__init__.py")


@pytest.fixture
def toy_course(tmp_path: Path) -> Path:
    """A toy course that is not set up."""
    return make_toy(tmp_path / "toy")


@pytest.fixture(scope="module")
def shared_toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A toy course that is set up; a test leaves it so."""
    course = make_toy(tmp_path_factory.mktemp("shared") / "toy")
    done = set_up(course)
    assert done.returncode == 0, done.stdout
    return course


def files_of(course: Path) -> dict[Path, int]:
    """When each file of the environment was changed; Python itself writes what it compiles."""
    files = (path for path in (course / ".venv").rglob("*") if path.is_file())
    return {path: path.stat().st_mtime_ns for path in files if path.suffix != ".pyc"}


def test_setting_up_twice_does_nothing_the_second_time(shared_toy):
    before = files_of(shared_toy)
    started = time.monotonic()
    done = set_up(shared_toy)
    assert done.returncode == 0
    assert done.stdout.startswith("Already set up")
    assert time.monotonic() - started < 5
    assert files_of(shared_toy) == before
    assert works(shared_toy)


def test_a_set_up_that_was_killed_is_mended(toy_course):
    process = subprocess.Popen(
        [PYTHON, "-m", "unrolled", "--setup-only"],
        cwd=toy_course,
        env=FRESH,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    for line in process.stdout:
        if "toolz" in line:  # pip is at work
            break
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert not works(toy_course)
    done = set_up(toy_course)
    assert done.returncode == 0, done.stdout
    assert works(toy_course)


def test_a_set_up_without_its_stamp_or_a_working_pip_begins_again(shared_toy):
    stamp = shared_toy / ".venv" / environment.STAMP
    (site,) = (shared_toy / ".venv").glob("[Ll]ib/**/site-packages")
    stamp.unlink()
    shutil.rmtree(site / "pip" / "_internal")
    shutil.rmtree(site / "toolz")  # half removed: pip would still believe that it is there
    done = set_up(shared_toy)
    assert done.returncode == 0, done.stdout
    assert works(shared_toy)
    assert (
        run(
            environment.python_of(str(shared_toy / ".venv")), "-m", "pip", "check", cwd=shared_toy
        ).returncode
        == 0
    )


def test_changed_requirements_are_installed_into_what_stands(shared_toy):
    mark = shared_toy / ".venv" / "mine"
    mark.touch()
    pin = pins(REQUIREMENTS)["iniconfig"]
    with (shared_toy / "requirements.txt").open("a", encoding="utf-8") as file:
        file.write(f"iniconfig=={pin}\n")
    done = set_up(shared_toy)
    assert done.returncode == 0, done.stdout
    assert installed(Path(environment.python_of(str(shared_toy / ".venv"))))["iniconfig"] == pin
    assert mark.exists()


def test_a_course_that_was_moved_is_set_up_again(shared_toy, tmp_path):
    kept = shutil.copytree(shared_toy, tmp_path / "kept", symlinks=True)
    moved = shared_toy.rename(shared_toy.with_name("moved"))
    try:
        assert not works(moved)
        done = set_up(moved)
        assert done.returncode == 0, done.stdout
        assert done.stdout.startswith("Setting up")
        assert works(moved)
    finally:
        kept.rename(shared_toy)  # where it was, its environment is whole again
    assert works(shared_toy)


def test_a_failing_pip_leaves_a_sentence_and_no_stamp(toy_course):
    (toy_course / "requirements.txt").write_text("./not-there\n", encoding="utf-8")
    done = set_up(toy_course)
    assert done.returncode == 2
    assert "pip could not install requirements.txt" in done.stdout
    assert "Traceback" not in done.stdout
    assert not (toy_course / ".venv" / environment.STAMP).exists()


@pytest.mark.parametrize(
    ("said", "compiled"), [("", True), ("1", True), ("no", False), ("0", False)]
)
def test_what_was_installed_is_compiled_unless_pip_is_told_not_to(
    said, compiled, tmp_path, monkeypatch
):
    monkeypatch.setenv("PIP_NO_COMPILE", said)
    # pip reads it in the same way
    asked = "from pip._internal.commands.install import InstallCommand as I; "
    asked += "print(I('install', '').parse_args([])[0].compile)"
    pip = run(sys.executable, "-c", asked, cwd=tmp_path, env=os.environ)
    assert pip.stdout.strip() in (str(compiled), str(int(compiled)))
    package = tmp_path / "tests" / ".venv" / "site-packages" / "package"
    (package / "tests").mkdir(parents=True)
    (package / "for_another_python.py").write_text("print 'hello'\n", encoding="utf-8")
    (package / "module.py").write_text("x = 1\n", encoding="utf-8")
    (package / "tests" / "test_module.py").write_text("x = 1\n", encoding="utf-8")
    environment._compile(sys.executable, str(tmp_path / "tests" / ".venv"))
    found = {path.name.partition(".")[0] for path in tmp_path.rglob("*.pyc")}
    assert found == ({"module"} if compiled else set())


def test_a_folder_that_is_no_environment_is_never_cleared(toy_course):
    (toy_course / ".venv").mkdir()
    (toy_course / ".venv" / "thesis.txt").write_text("precious")
    done = set_up(toy_course)
    assert done.returncode == 2
    assert "is in the way" in done.stdout
    assert (toy_course / ".venv" / "thesis.txt").read_text() == "precious"


# --- the course alone ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``course/`` copied elsewhere and set up with the one command of its README."""
    course = copy_course(tmp_path_factory.mktemp("handed out") / "course")
    readme = (course / "README.md").read_text(encoding="utf-8")
    assert f"\n```\n{README_COMMAND}\n```\n" in readme
    done = run(PYTHON, *README_COMMAND.split()[1:], "--setup-only", cwd=course)
    assert done.returncode == 0, done.stdout[-3000:]
    return course


@pytest.fixture(scope="module")
def its_python(alone: Path) -> Path:
    return Path(environment.python_of(str(alone / ".venv")))


def test_the_course_alone_gets_what_its_requirements_name_and_nothing_else(alone, its_python):
    found = installed(its_python)
    named = pins((alone / "requirements.txt").read_text(encoding="utf-8"))
    for name, version in named.items():
        assert found[name].partition("+")[0] == version
    assert found["pip"] == environment.PIP
    extra = {name for name in set(found) - set(named) if not CUDA.match(name)}
    assert extra == {"pip", "unrolled-toolbox"}
    assert run(its_python, "-m", "pip", "check", cwd=alone).returncode == 0


RUN_NOTEBOOKS = """
import sys
from pathlib import Path
import nbformat
from nbclient import NotebookClient

for name in sys.argv[2:]:
    notebook = nbformat.read(f"{name}/{name}.ipynb", as_version=4)
    place = {"metadata": {"path": name}}
    NotebookClient(notebook, timeout=120, allow_errors=True, resources=place).execute()
    nbformat.write(notebook, Path(sys.argv[1], f"{name}.ipynb"))
"""
CHAPTERS = list(load_course(REPOSITORY).chapters)


@pytest.fixture(scope="module")
def ran(alone: Path, its_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the notebooks of the course alone as they are after their cells have run."""
    folder = tmp_path_factory.mktemp("ran")
    short = FRESH | {"NBGRADER_EXECUTION": "validate"}  # short training runs
    done = run(its_python, "-c", RUN_NOTEBOOKS, folder, *CHAPTERS, cwd=alone, env=short)
    assert done.returncode == 0, done.stdout[-3000:]
    return folder


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_notebook_of_the_course_alone_runs(name, ran):
    cells = json.loads((ran / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code" and cell["source"]]
    assert all(cell["execution_count"] for cell in code)
    for cell in code:
        errors = {out["ename"] for out in cell["outputs"] if out["output_type"] == "error"}
        assert not errors & {"ModuleNotFoundError", "ImportError", "FileNotFoundError"}
        if "imports" in cell["metadata"].get("tags", []):
            assert not errors


def free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return server.getsockname()[1]


def test_the_course_alone_is_served_at_the_port_asked_for_and_opens_at_its_first_chapter(alone):
    port = free_port()
    process = subprocess.Popen(
        [PYTHON, *README_COMMAND.split()[1:], "--port", str(port), "--no-browser"]
        + ["--", "--IdentityProvider.token=secret"],
        cwd=alone,
        env=FRESH,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        answer = fetch(f"http://127.0.0.1:{port}/?token=secret", process)
        assert answer.url.partition("?")[0].endswith(f"/lab/tree/{environment.FIRST_NOTEBOOK}")
        contents = fetch(f"http://127.0.0.1:{port}/api/contents?token=secret", process)
        assert {"README.md", "00_start"} <= {e["name"] for e in json.load(contents)["content"]}
    finally:
        process.terminate()
        process.communicate(timeout=30)


def fetch(address: str, process: subprocess.Popen):
    """The answer of a server that may still be starting."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return urllib.request.urlopen(address, timeout=30)
        except OSError:
            assert process.poll() is None, process.stdout.read()
            assert time.monotonic() < deadline, "no answer in a minute"
            time.sleep(0.2)


# --- conda --------------------------------------------------------------------------------------


def test_the_conda_environment_installs_the_same_requirements(tmp_path):
    conda = yaml.safe_load((REPOSITORY / "environment.yml").read_text(encoding="utf-8"))
    *packages, section = conda["dependencies"]
    assert packages == ["python=3.11", "pip"]
    assert section == {"pip": ["-r requirements.txt"]}

    # as conda does it: the section as a file beside environment.yml, in a fresh environment
    root = tmp_path / "clone"
    root.mkdir()
    for name in ("requirements.txt", "pyproject.toml", "environment.yml"):
        shutil.copy(REPOSITORY / name, root)
    shutil.copytree(REPOSITORY / "autograder", root / "autograder", ignore=BUILT)
    copy_course(root / "course")
    (root / "section.txt").write_text("\n".join(section["pip"]), encoding="utf-8")
    assert run(PYTHON, "-m", "venv", tmp_path / "fresh", cwd=root).returncode == 0
    python = Path(environment.python_of(str(tmp_path / "fresh")))
    # conda's pip is newer than the one that comes with Python
    done = run(python, "-m", "pip", "install", f"pip=={environment.PIP}", cwd=root)
    assert done.returncode == 0, done.stdout[-3000:]
    done = run(python, "-m", "pip", "install", "-U", "-r", "section.txt", cwd=root)
    assert done.returncode == 0, done.stdout[-3000:]

    found = installed(python)
    named = pins(REQUIREMENTS)
    assert {name: found[name].partition("+")[0] for name in named} == named
    extra = {name for name in set(found) - set(named) if not CUDA.match(name)}
    assert extra == {"pip", "unrolled-course"}
    assert run(python, "-m", "pip", "check", cwd=root).returncode == 0
    done = run(python.with_name("autograder"), "--help", cwd=tmp_path)
    assert done.returncode == 0 and "grade" in done.stdout
    done = run(python, "-c", "import torch, unrolled; print(unrolled.__file__)", cwd=tmp_path)
    assert done.stdout.strip() == str(root / "course" / "unrolled" / "__init__.py")


# --- make ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def toy_repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose requirements are short, and whose JupyterLab prints what it is told."""
    root = tmp_path_factory.mktemp("toy") / "repository"
    root.mkdir()
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(REPOSITORY / name, root)
    shutil.copytree(REPOSITORY / "autograder", root / "autograder", ignore=BUILT)
    make_toy(root / "course")
    (root / "solutions").mkdir()
    shutil.copy(REPOSITORY / "solutions" / "course.toml", root / "solutions")
    pin = pins(REQUIREMENTS)["toolz"]
    (root / "requirements.txt").write_text(f"toolz=={pin}\n-e .\n", encoding="utf-8")
    done = run("make", "setup", f"PYTHON={PYTHON}", cwd=root)
    assert done.returncode == 0, done.stdout
    (site,) = (root / ".venv").glob("lib/*/site-packages")
    (site / "jupyterlab.py").write_text("import os, sys\nprint(os.getcwd(), *sys.argv[1:])\n")
    return root


def test_make_sets_up_one_environment_for_the_whole_repository(toy_repository):
    assert not (toy_repository / "course" / ".venv").exists()
    done = run("make", "setup", f"PYTHON={PYTHON}", cwd=toy_repository)
    assert done.returncode == 0
    assert "Already set up" in done.stdout
    names = installed(toy_repository / ".venv" / "bin" / "python")
    assert "unrolled-course" in names


def test_make_lab_hands_its_port_and_options_to_jupyterlab(toy_repository):
    done = run(
        "make",
        "lab",
        f"PYTHON={PYTHON}",
        "PORT=8890",
        "OPTIONS=--no-browser --ServerApp.ip=0.0.0.0",
        cwd=toy_repository,
    )
    assert done.returncode == 0, done.stdout
    said = done.stdout.splitlines()[-1].split()
    assert said[0] == str(toy_repository)
    assert f"--ServerApp.root_dir={toy_repository / 'course'}" in said
    assert "--ServerApp.port=8890" in said
    assert said[-2:] == ["--no-browser", "--ServerApp.ip=0.0.0.0"]


def test_make_without_any_python_says_what_to_install(toy_repository):
    done = run("make", "setup", "PYTHON=", cwd=toy_repository)
    assert done.returncode == 2
    assert "Install Python 3.11" in done.stdout


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("setup", ["-m unrolled --setup-only"]),
        ("test", ["--setup-only", "ruff check", "ruff format --check", "--nbval", "-n 3",
                  "--dist loadfile", "tests solutions"]),
        ("build", ["--setup-only", "autograder build"]),
        ("demo", ["--setup-only", "autograder demo"]),
        ("lab", ["-m unrolled"]),
        ("stable", ["nbval_matrix.py"]),
    ],
)  # fmt: skip
def test_a_target_of_make_is_a_thin_name(target, words):
    done = run("make", "--no-print-directory", "-n", target, f"PYTHON={PYTHON}", cwd=REPOSITORY)
    assert done.returncode == 0, done.stdout
    for word in words:
        assert word in done.stdout


def test_continuous_integration_runs_make_test():
    script = REPOSITORY / ".ci" / "run"
    assert os.access(script, os.X_OK)
    lines = script.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "#!/usr/bin/env bash"
    assert "set -euo pipefail" in lines
    assert lines[-1] == "make test"
