"""Sets the course up: checks Python, makes ``.venv``, installs ``requirements.txt``, once.

It serves a clone of the whole repository and a copy of ``course/`` alone. Standard library only,
because it runs before anything is installed, and no syntax newer than Python 3.6, because an older
Python must get as far as the sentence that says which one to install.
"""

import hashlib
import importlib.util
import json
import os
import platform
import subprocess
import sys

PYTHON = (3, 11)
PIP = "26.3"  # takes half the time of the one that comes with Python 3.11
VENV = ".venv"
STAMP = "unrolled-set-up.json"
FIRST_NOTEBOOK = "00_start/00_start.ipynb"
NEWS = "@jupyterlab/apputils-extension:announcements"


class SetUpError(Exception):
    """Something the reader can mend; the message says what to do."""


def check_python(version=None, bits=None, system=None, machine=None):
    """Raise SetUpError unless this Python, or the one described, can run the course.

    version: (major, minor, ...); bits: 32 or 64; system and machine: as module platform says them.
    """
    version = tuple(version or sys.version_info)
    bits = bits or (64 if sys.maxsize > 2**32 else 32)
    system = system or platform.system()
    machine = machine or platform.machine()
    wanted = "Python {}.{}".format(*PYTHON)
    if version[:2] != PYTHON:
        raise SetUpError(
            f"This course needs {wanted}, and this is Python {version[0]}.{version[1]}.\n"
            f"Install {wanted} ({_where(system)})\n"
            f"and run the same command with it: {_launcher(system)}"
        )
    if bits != 64:
        raise SetUpError(
            "This is a 32-bit Python, and PyTorch needs a 64-bit one.\n"
            f"Install the 64-bit {wanted} ({_where(system)}) and run the same command with it."
        )
    if system == "Darwin" and machine == "x86_64":
        raise SetUpError(
            "This is a Python for Intel Macs, and PyTorch is no longer made for those.\n"
            f"On a Mac with an Apple processor, install {wanted} from python.org; on an Intel Mac, "
            "use the course on another machine."
        )


def _where(system):
    download = "https://www.python.org/downloads"
    if system == "Windows":
        return download + ", or: winget install Python.Python.3.11"
    if system == "Darwin":
        return download + ", or: brew install python@3.11"
    return "your package manager's python3.11 and python3.11-venv, or " + download


def _launcher(system):
    return "py -3.11" if system == "Windows" else "python3.11"


def set_up(course):
    """Make the environment for the folder `course` unless it stands; returns its python's path.

    A set-up that was interrupted left no stamp behind and begins again from nothing, since what it
    left cannot be trusted. One that is only out of date is brought up to date in place.
    """
    check_python()
    root = root_of(course)
    venv = os.path.join(root, VENV)
    stamp = os.path.join(venv, STAMP)
    python = python_of(venv)
    wanted = fingerprint(root)
    found = _read_stamp(stamp)
    if found == wanted and _runs(python, "-c", ""):
        print("Already set up: " + venv)
        return python
    print(f"Setting up in {venv}; this takes some minutes the first time.", flush=True)
    if os.path.exists(stamp):
        os.remove(stamp)
    usable = (
        found is not None
        and found.get("python") == wanted["python"]
        and found.get("place") == wanted["place"]
        and _runs(python, "-m", "pip", "--version")
    )
    if not usable:
        _make_venv(venv)
    _install(python, root)
    _silence_news(venv)
    _write(stamp, wanted)
    print("Set up: " + venv, flush=True)
    return python


def root_of(course):
    """Where `.venv` and `requirements.txt` stand: the repository, or `course` where it is alone."""
    course = os.path.abspath(course)
    above = os.path.dirname(course)
    marks = ("requirements.txt", "pyproject.toml", os.path.join("solutions", "course.toml"))
    if all(os.path.isfile(os.path.join(above, mark)) for mark in marks):
        return above
    return course


def fingerprint(root):
    """What an environment is made from: change any of it and it is out of date."""
    digest = hashlib.sha256()
    for name in (
        "requirements.txt",
        "pyproject.toml",
        os.path.join("unrolled", "pyproject.toml"),
    ):
        path = os.path.join(root, name)
        if os.path.isfile(path):
            with open(path, "rb") as file:
                # the same on Windows, where git may give lines another ending
                digest.update(name.encode() + b"\0" + file.read().replace(b"\r\n", b"\n"))
    # scripts inside the environment hold its own path, so one that was moved must be made again
    return {
        "requirements": digest.hexdigest(),
        "pip": PIP,
        "python": platform.python_version(),
        "place": os.path.realpath(root),
    }


def python_of(venv):
    """The python inside an environment."""
    if os.name == "nt":
        return os.path.join(venv, "Scripts", "python.exe")
    return os.path.join(venv, "bin", "python")


def open_lab(python, course, port=None, browser=True, options=()):
    """Run JupyterLab on the folder `course`, at its first chapter; returns its exit code.

    options: further options of `jupyter lab`, which win over the ones chosen here.
    """
    command = [python, "-m", "jupyterlab", "--ServerApp.root_dir=" + os.path.abspath(course)]
    if os.path.isfile(os.path.join(course, *FIRST_NOTEBOOK.split("/"))):
        command.append("--LabApp.default_url=/lab/tree/" + FIRST_NOTEBOOK)
    if port is not None:
        # whoever names a port waits for the server there, so another one is no help
        command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    if not browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # in a container there is nobody else
    command += options
    # formgrader reads nbgrader_config.py from where the server starts
    root = root_of(course)
    # as in an activated environment, for terminals and what extensions call
    os.environ["PATH"] = os.path.dirname(python) + os.pathsep + os.environ.get("PATH", os.defpath)
    if os.name == "nt":
        return subprocess.call(command, cwd=root)
    os.chdir(root)
    os.execv(python, command)


def _make_venv(venv):
    for module in ("venv", "ensurepip"):
        if importlib.util.find_spec(module) is None:
            raise SetUpError(
                f"This Python came without its module {module}.\n"
                "Install it (Debian and Ubuntu: apt install python3.11-venv) "
                "and run the same command again."
            )
    if os.path.lexists(venv) and not _ours(venv):
        raise SetUpError(
            f"{venv} is in the way: it is not a virtual environment.\n"
            "Move it elsewhere and run the same command again."
        )
    # a Python inside the environment that is about to be cleared cannot make it
    base = getattr(sys, "_base_executable", None) or sys.executable
    if subprocess.call([base, "-m", "venv", "--clear", venv]):
        raise SetUpError(
            f"{base} could not make {venv}; what it said stands above.\n"
            "Close programs that use that folder, see that the disk has room, "
            "and run the same command again."
        )


def _ours(venv):
    """Whether a folder is a virtual environment, finished or not, that may be made again."""
    if not os.path.isdir(venv):
        return False
    begun = {"bin", "include", "lib", "lib64", "scripts"}
    names = {name.lower() for name in os.listdir(venv)}
    return "pyvenv.cfg" in names or names <= begun


def _install(python, root):
    # the version check would advise a newer pip than the one that was tried
    command = [python, "-m", "pip", "install", "--disable-pip-version-check", "--no-compile"]
    for what in (["pip==" + PIP], ["-r", "requirements.txt"]):
        if subprocess.call(command + what, cwd=root):
            raise SetUpError(
                f"pip could not install {what[-1]}; what it said stands above.\n"
                "See that the network is up and the disk has 8 GB of room, "
                "and run the same command again."
            )
    _compile(python, os.path.join(root, VENV))


def _compile(python, venv):
    """Compile what was installed on all cores, where pip would take one."""
    # whoever tells pip not to is heard here, too: as pip reads it, by saying no
    if os.environ.get("PIP_NO_COMPILE", "").lower() in ("0", "f", "false", "n", "no", "off"):
        return
    # a fifth of it are packages' own tests, which nobody imports; some packages hold files for other
    # Pythons, which cannot be compiled, so how this ends decides nothing
    theirs = r"site-packages.*[/\\]tests?[/\\]"
    _runs(python, "-m", "compileall", "-q", "-j", "0", "-x", theirs, venv)


def _silence_news(venv):
    """JupyterLab's question about news would stand between a reader and the first page."""
    folder = os.path.join(venv, "etc", "jupyter", "labconfig")
    os.makedirs(folder, exist_ok=True)
    _write(os.path.join(folder, "page_config.json"), {"disabledExtensions": {NEWS: True}})


def _runs(python, *arguments):
    try:
        return not subprocess.call(
            [python] + list(arguments),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except OSError:
        return False


def _read_stamp(path):
    try:
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _write(path, value):
    with open(path + ".part", "w", encoding="utf-8") as file:
        json.dump(value, file, indent=1)
    os.replace(path + ".part", path)
