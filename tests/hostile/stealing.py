"""Attacks that look for what is not the student's: tests, solutions, others' work, secrets."""

from __future__ import annotations

from typing import Any

from tests.hostile.corpus import Attack
from tests.hostile.forging import WRONG, code

KIND = "stealing what is not one's own"

SEARCH = code(
    """
    import os

    def read(path):
        try:
            with open(path, "rb", buffering=0) as file:
                return file.read(200_000)
        except OSError:
            return b""

    def marks(data):
        import re
        return re.findall(rb"mark-[a-z-]+-[0-9a-f]{4}", data)
    """
)
"""Reads whatever can be read and picks out what carries a mark."""


def searching(name: str, tries: str, body: str) -> Attack:
    """A cell that searches, says so, and prints what it found: the class's test looks for marks."""
    return Attack(
        name, tries, last=SEARCH + code(body) + "print('searched')\n", check=_has_searched
    )


def _has_searched(case: Any) -> None:
    """The cell ran to its end: nothing is proved by an attack that failed by a slip of its own."""
    shown = [o.get("text", "") for c in case.autograded.cells for o in c.get("outputs", [])]
    assert any(text.endswith("searched\n") for text in shown), shown


ATTACKS = (
    searching(
        "reads the environment",
        "print the environment of this process and of all others",
        """
        print(dict(os.environ))
        for pid in [*range(1, 300), "self", "thread-self"]:
            print(marks(read(f"/proc/{pid}/environ")), end="")
        print(read("/proc/self/environ"))
        """,
    ),
    searching(
        "walks the disk",
        "look for notebooks, sources, gradebooks and private files in every folder",
        """
        seen = 0
        for folder, folders, files in os.walk("/", followlinks=False):
            folders[:] = [f for f in folders if f not in ("usr", "proc", "sys", "site-packages")
                          and not (folder.endswith("lib") and f.startswith("python"))]
            for name in files:
                if name.endswith((".ipynb", ".md", ".db", ".txt", ".toml", ".py", ".npz")):
                    seen += 1
                    print(*marks(read(os.path.join(folder, name))))
        print(seen, "files")
        """,
    ),
    searching(
        "climbs out of its folder",
        "follow relative paths, links and the folders of the course's host",
        """
        here = os.getcwd()
        for depth in range(12):
            up = "../" * depth
            for name in ("gradebook.db", "private.txt", "solutions", "autograded", "handed in"):
                try:
                    print(name, os.listdir(up + name)[:3])
                except OSError:
                    print(*marks(read(up + name)), end="")
        for place in ("/root", "/home", "/opt", "/var/lib", "/mnt", "/srv", "/etc/shadow", "/etc"):
            try:
                print(place, sorted(os.listdir(place))[:5])
            except OSError as error:
                print(place, error.strerror)
        try:
            os.symlink("/proc/1/root", "root")
            print(os.listdir("root/"))
        except OSError as error:
            print(error.strerror)
        """,
    ),
    searching(
        "reads the process table",
        "list processes, their command lines, files and memory",
        """
        print(sorted(os.listdir("/proc")))
        for pid in range(1, 400):
            for name in ("cmdline", "maps", "status", "mountinfo", "fd", "cwd", "root", "mem"):
                print(*marks(read(f"/proc/{pid}/{name}")), end="")
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        for pid in (1, os.getpid(), os.getppid(), *range(2, 60)):
            print(libc.ptrace(16, pid, 0, 0), end=" ")
        buffer = ctypes.create_string_buffer(64)
        vector = (ctypes.c_size_t * 2)(ctypes.addressof(buffer), 64)
        print(libc.process_vm_readv(os.getppid(), vector, 1, vector, 1, 0))
        """,
    ),
    searching(
        "reads its own memory",
        "look through every object and every mapped page for what was left there before the fork",
        """
        import gc
        found = set()
        for thing in gc.get_objects():
            if type(thing) in (str, bytes):
                found.update(marks(thing if type(thing) is bytes else thing.encode("utf-8", "replace")))
            elif type(thing) in (dict, list, tuple):
                for part in (thing.values() if type(thing) is dict else thing):
                    if type(part) is str and "mark" in part and part != "mark":
                        found.update(marks(part.encode("utf-8", "replace")))
        print(found)
        print(*marks(read("/proc/self/maps")), *marks(read("/proc/self/mem")))
        """,
    ),
    searching(
        "reads every descriptor",
        "look at what every open descriptor is, and read it",
        """
        import stat
        for number in range(256):
            try:
                kind = os.fstat(number).st_mode
            except OSError:
                continue
            if stat.S_ISREG(kind) or stat.S_ISDIR(kind):
                try:
                    print(number, marks(os.pread(number, 100_000, 0)))
                except OSError as error:
                    print(number, error.strerror)
            try:
                print(number, os.listdir(number))
            except OSError:
                pass
        """,
    ),
    searching(
        "imports the grader",
        "load the grader's own modules, the chapter's source and other students' notebooks with them",
        """
        import importlib, sys
        for name in ("autograder.course", "autograder.grading.examiner", "autograder.grading.remote",
                     "autograder.grading.recording", "autograder.authoring.reference",
                     "autograder.cli", "autograder.grading.intake"):
            try:
                module = importlib.import_module(name)
                print(name, [n for n in dir(module) if "load" in n or "Gradebook" in n])
            except Exception as error:
                print(name, type(error).__name__)
        for name, module in list(sys.modules.items()):
            if not name.startswith(("autograder", "unrolled", "__main__")):
                continue
            text = repr(list(getattr(module, "__dict__", {}).items()))[:100_000]
            print(*marks(text.encode("utf-8", "replace")), end="")
        """,
    ),
    searching(
        "reads the shell's history",
        "look into IPython's history, its caches and what ran before",
        """
        shell = get_ipython()
        print(*marks(repr(shell.user_ns.get("In")).encode()))
        print(*marks(repr(shell.__dict__)[:300_000].encode("utf-8", "replace")))
        print(list(shell.history_manager.get_range(output=True))[:3])
        import linecache
        print(*marks(repr(linecache.cache)[:500_000].encode("utf-8", "replace")))
        for folder, _, files in os.walk(os.path.expanduser("~")):
            print(folder, files, *[marks(read(os.path.join(folder, f))) for f in files])
        """,
    ),
    searching(
        "asks the network",
        "reach this machine, the internet, a name server and every local socket",
        """
        import socket
        for address in (("127.0.0.1", 8888), ("1.1.1.1", 53), ("169.254.169.254", 80), ("::1", 22)):
            kind = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
            try:
                socket.socket(kind).connect(address)
                print(address, "CONNECTED")
            except OSError as error:
                print(address, error.strerror)
        for path in ("/run/dbus/system_bus_socket", "/var/run/docker.sock", "\\0/tmp/.X11-unix/X0"):
            try:
                socket.socket(socket.AF_UNIX).connect(path)
                print(path, "CONNECTED")
            except OSError as error:
                print(path, error.strerror)
        try:
            print(socket.getaddrinfo("example.org", 80))
        except OSError as error:
            print(error)
        try:
            print(socket.if_nameindex())
        except OSError as error:
            print(error.strerror)
        """,
    ),
    searching(
        "finds the neighbours' scratch",
        "look for the folders and shared memory of submissions that ran before or run beside",
        """
        for place in ("/tmp", "/scratch", "/dev/shm", "/var/tmp", "/run", "/run/user", "/dev/mqueue"):
            try:
                print(place, sorted(os.listdir(place)))
            except OSError as error:
                print(place, error.strerror)
        import ctypes
        libc = ctypes.CDLL(None)
        print([number for number in range(200) if libc.shmat(number, None, 0) not in (-1, 2**64 - 1)
               and libc.shmctl(number, 0, 0) == 0])
        """,
    ),
    Attack(
        "reads what its stubs are made of",
        "look for the solution in the function that stands in for a wrong exercise",
        answers={
            "scale": WRONG["scale"],
            "total": code(
                """
                def total(x):
                    found = []
                    waiting = [scale]
                    for _ in range(200):
                        if not waiting:
                            break
                        thing = waiting.pop()
                        found.append(repr(thing)[:80])
                        found += [repr(getattr(getattr(thing, "__code__", None), "co_consts", ""))[:80]]
                        for cell in getattr(thing, "__closure__", None) or ():
                            waiting.append(cell.cell_contents)
                    raise ValueError(" ".join(found)[:400])
                """
            ),
        },
        earns={"scale": 0, "total": 0},
    ),
    Attack(
        "tells what it sees in a message",
        "put every local variable of every caller into an exception's message, its name and its line",
        answers={
            "scale": code(
                """
                import sys
                def scale(x, factor):
                    frame, seen = sys._getframe(), []
                    while frame is not None:
                        seen.append(frame.f_code.co_filename + repr(sorted(frame.f_locals)))
                        frame = frame.f_back
                    text = " ".join(reversed(seen))
                    raise type(text[-70:], (ValueError,), {})(text)
                """
            )
        },
        earns={"scale": 0},
    ),
)
