"""Attacks that try to outlive their grading, or to change what others meet after them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from tests.hostile.corpus import Attack
from tests.hostile.forging import code

KIND = "leaving something behind"

MARK = "98765.25"
"""How long the processes sleep that are to be found if they are left."""


def _nobody_is_left(case: Any) -> None:
    until = time.monotonic() + 5
    while left := _with_mark():
        assert time.monotonic() < until, left
        time.sleep(0.1)


def _with_mark() -> list[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if MARK.encode() in entry.read_bytes():
                found.append(entry.parent.name)
        except OSError:
            continue
    return found


def _found_nothing(case: Any) -> None:
    """The cell looked, and what it looked for was not there."""
    assert "looked: []" in case.feedback


PLACES = (
    "/tmp /scratch /scratch/home /scratch/shm /dev/shm /var/tmp . .. ~ /scratch/home/.ipython /usr/lib "
    "/etc /dev/mqueue"
)


ATTACKS = (
    Attack(
        "a daemon",
        "fork twice, leave the session and sleep on",
        last=code(
            f"""
            import os, subprocess
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    for number in range(256):
                        try:
                            os.close(number)
                        except OSError:
                            pass
                    os.execv("/bin/sleep", ["sleep", "{MARK}"])
                os._exit(0)
            subprocess.Popen(["nohup", "setsid", "/bin/sleep", "{MARK}"])
            """
        ),
        check=_nobody_is_left,
    ),
    Attack(
        "children that ignore signals",
        "leave children behind that ignore every signal that can be ignored",
        answers={
            "scale": code(
                f"""
                import os, signal, subprocess
                def scale(x, factor):
                    if os.fork() == 0:
                        for number in range(1, 65):
                            try:
                                signal.signal(number, signal.SIG_IGN)
                            except (OSError, ValueError):
                                pass
                        os.execv("/bin/sleep", ["sleep", "{MARK}"])
                    return factor * x
                """
            )
        },
        check=_nobody_is_left,
    ),
    Attack(
        "a process that runs away",
        "fork a child every few milliseconds, each ending its parent, so that no pid can be caught",
        last=code(
            """
            import os, time
            if os.fork() == 0:
                os.setsid()
                for _ in range(2000):
                    time.sleep(0.005)
                    if os.fork():
                        os._exit(0)
            """
        ),
    ),
    Attack(
        "files everywhere",
        "write a file into every folder that may be written to",
        last=code(
            f"""
            import os
            for place in "{PLACES}".split():
                try:
                    with open(os.path.expanduser(place) + "/left-behind", "w") as file:
                        file.write("left behind")
                except OSError:
                    pass
            """
        ),
    ),
    Attack(
        "what the last one left",
        "look for such files: one process of the grader runs many submissions",
        last=code(
            f"""
            import os
            looked = [place for place in "{PLACES}".split()
                      if os.path.exists(os.path.expanduser(place) + "/left-behind")]
            print("looked:", looked)
            """
        ),
        check=_found_nothing,
    ),
    Attack(
        "poisoned libraries",
        "overwrite libraries, their caches, start-up files and settings, on disk",
        last=code(
            """
            import os, sys
            import numpy, IPython, unrolled, autograder
            done = []
            for module in (numpy, IPython, unrolled, autograder, os):
                for path in (module.__file__, getattr(module, "__cached__", None)):
                    try:
                        with open(path, "a") as file:
                            file.write("raise SystemExit")
                        done.append(path)
                    except (OSError, TypeError):
                        pass
            for path in (*sys.path, sys.prefix, "/usr/lib/python3", os.path.dirname(sys.executable)):
                try:
                    with open(path + "/sitecustomize.py", "w") as file:
                        file.write("raise SystemExit")
                    done.append(path) if path else None
                except OSError:
                    pass
            print("looked:", done)
            """
        ),
        check=_found_nothing,
    ),
    Attack(
        "poisoned memory",
        "change the libraries in memory, for whoever is forked next",
        first=code(
            """
            import numpy, sys, builtins
            builtins.poison = numpy.poison = sys.poison = "left behind"
            sys.modules["poison"] = sys
            """
        ),
    ),
    Attack(
        "what is left in memory",
        "look for such changes",
        first=code(
            """
            import numpy, sys, builtins
            print("looked:", [m for m in (numpy, sys, builtins) if hasattr(m, "poison")])
            """
        ),
        check=_found_nothing,
    ),
    Attack(
        "shared memory and queues",
        "leave segments, semaphores and message queues of System V in the kernel",
        last=code(
            """
            import ctypes
            libc = ctypes.CDLL(None)
            print(libc.shmget(0x5EC2E7, 4096, 0o1666), libc.semget(0x5EC2E7, 1, 0o1666),
                  libc.msgget(0x5EC2E7, 0o1666))
            """
        ),
    ),
    Attack(
        "what is left in the kernel",
        "look for such segments",
        last=code(
            """
            import ctypes
            libc = ctypes.CDLL(None)
            found = (libc.shmget(0x5EC2E7, 0, 0), libc.semget(0x5EC2E7, 0, 0), libc.msgget(0x5EC2E7, 0))
            print("looked:", [number for number in found if number >= 0])
            """
        ),
        check=_found_nothing,
    ),
    Attack(
        "a folder that cannot be removed",
        "leave a scratch folder that nobody may enter, very deep, and without its current folder",
        last=code(
            """
            import os, shutil
            for _ in range(300):
                os.mkdir("d")
                os.chdir("d")
            for folder, folders, files in os.walk("/scratch/tmp"):
                os.chmod(folder, 0)
            os.chmod("/scratch", 0)
            """
        ),
    ),
    Attack(
        "other limits for everybody",
        "take away the template's priority, limits, capabilities and mounts",
        first=code(
            """
            import ctypes, os, resource
            libc = ctypes.CDLL(None, use_errno=True)
            done = []
            for what in (
                lambda: os.kill(os.getppid(), 19) if os.getppid() > 1 else 1 / 0,
                lambda: os.setpriority(os.PRIO_USER, 0, -20),
                lambda: resource.setrlimit(resource.RLIMIT_DATA, (2**40, 2**40)),
                lambda: 1 / (libc.mount(b"/", b"/scratch/tmp", b"", 4096, None) == 0),
                lambda: 1 / (libc.unshare(0x10000000) == 0 and libc.mount(
                    b"proc", b"/scratch/tmp", b"proc", 0, None) == 0),
                lambda: 1 / (libc.reboot(0) == 0),
                lambda: os.setuid(0),
            ):
                try:
                    what()
                    done.append(what)
                except (OSError, ValueError, ZeroDivisionError):
                    pass
            print("looked:", done)
            """
        ),
        check=_found_nothing,
    ),
)
