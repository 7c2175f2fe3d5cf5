"""Attacks that use up time, memory, processes, files and output."""

from __future__ import annotations

from tests.hostile.corpus import Attack
from tests.hostile.forging import code

KIND = "using too much"


def cell(name: str, tries: str, body: str, told: str | tuple[str, ...] = (), **more) -> Attack:
    """In an ordinary cell, which costs no points whatever becomes of it."""
    return Attack(name, tries, first=code(body), told=told, **more)


def call(name: str, tries: str, body: str, told: str | tuple[str, ...] = (), **more) -> Attack:
    """While the tests call `scale`, which costs that exercise's points."""
    lines = "".join(f"    {line}\n" for line in code(body).splitlines())
    answer = f"def scale(x, factor):\n{lines}    return factor * x\n"
    more.setdefault("earns", {"scale": 0})
    return Attack(name, tries, answers={"scale": answer}, told=told, **more)


def told_of_all_their_memory(case) -> None:
    """The instructor reads what went wrong, not only that something was killed."""
    assert any("processes together held" in event.text for event in case.record.events)


ATTACKS = (
    cell(
        "sleeps for ever", "wait for what never comes", "import time\ntime.sleep(10**6)", "timeout"
    ),
    cell(
        "catches every interruption",
        "a loop that survives exceptions",
        """
        import time
        while True:
            try:
                time.sleep(60)
            except BaseException:
                pass
        """,
        "timeout",
    ),
    cell(
        "stays in C code",
        "compute where no signal is looked at",
        "sum(range(10**12))",
        "timeout",
    ),
    call(
        "ignores the alarm",
        "block the signal that ends a call, and sleep",
        """
        import signal, time
        signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
        time.sleep(10**6)
        """,
        "timeout",
    ),
    call(
        "calls itself a thousand times slowly",
        "stay below the limit in every call and far above it in all of them",
        "import time\ntime.sleep(0.7)",
        "timeout",
    ),
    cell(
        "takes all memory",
        "allocate and touch until there is none",
        """
        kept = []
        while True:
            kept.append(bytearray(2**27))
            kept[-1][:: 4096] = b"x" * (2**27 // 4096)
        """,
    ),
    cell(
        "takes all memory in many processes",
        "stay below the limit in each of a dozen processes",
        """
        import os, time
        for _ in range(12):
            if os.fork() == 0:
                kept = bytearray(2**27)
                kept[::4096] = b"x" * (2**27 // 4096)
                time.sleep(60)
                os._exit(0)
        time.sleep(60)
        """,
        "died",
        check=told_of_all_their_memory,
    ),
    cell(
        "takes all memory without owning it",
        "shared pages, which no limit of a process counts, and memory behind descriptors",
        """
        import mmap, os, time
        try:
            os.memfd_create("hidden")
        except OSError as error:
            print(error)
        kept = [mmap.mmap(-1, 2**30) for _ in range(4)]
        for shared in kept:
            for place in range(0, 2**30, 4096):
                shared[place] = 1
        """,
        "died",
        check=told_of_all_their_memory,
    ),
    cell(
        "takes every core",
        "many busy processes that ask for all of the machine",
        """
        import os, time
        for _ in range(16):
            if os.fork() == 0:
                try:
                    os.sched_setaffinity(0, range(os.cpu_count()))
                except OSError:
                    pass
                until = time.monotonic() + 2
                while time.monotonic() < until:
                    pass
                os._exit(0)
        time.sleep(2)
        """,
    ),
    call(
        "asks for a petabyte",
        "a single array larger than any machine",
        "return np.ones(2**50)",
    ),
    cell(
        "forks without end",
        "a fork bomb",
        """
        import os, time
        until = time.monotonic() + 1.5
        while time.monotonic() < until:
            try:
                if os.fork() == 0:
                    time.sleep(3)
                    os._exit(0)
            except OSError:
                time.sleep(0.05)
        """,
    ),
    cell(
        "starts a thousand threads",
        "threads until there are no more",
        """
        import threading, time
        threads = [threading.Thread(target=time.sleep, args=(100,), daemon=True) for _ in range(1000)]
        for thread in threads:
            try:
                thread.start()
            except RuntimeError:
                break
        """,
    ),
    cell(
        "opens every file",
        "descriptors until there are no more, all kept open",
        """
        import os
        kept = []
        while True:
            kept.append(os.open("/dev/null", os.O_RDONLY))
        """,
    ),
    cell(
        "fills the disk",
        "one file and many, as large as they may be",
        """
        kept = []
        for number in range(100):
            file = open(f"/tmp/{number}", "wb")
            kept.append(file)
            try:
                for _ in range(64):
                    file.write(b"x" * 2**20)
                    file.flush()
            except OSError as error:
                print(error.strerror)
        """,
    ),
    cell(
        "a hundred thousand files",
        "empty files until there are no more",
        """
        try:
            for number in range(100_000):
                open(f"/tmp/{number}", "w").close()
        except OSError as error:
            print(error.strerror)
        """,
    ),
    cell(
        "prints without end",
        "text on every stream, faster than anybody reads",
        """
        import os, sys
        line = "x" * 10_000
        for _ in range(2000):
            print(line)
            print(line, file=sys.stderr)
            os.write(1, line.encode())
            os.write(2, line.encode())
        """,
        "output",
    ),
    cell(
        "displays without end",
        "rich outputs, updates and clears by the thousand",
        """
        from IPython.display import clear_output, display
        shown = display("x", display_id=True)
        for number in range(3000):
            display({"text/plain": "x" * 1000, "text/html": "<b>x</b>" * 100}, raw=True)
            shown.update("y" * 100)
            clear_output(wait=True)
        """,
        "output",
    ),
    cell(
        "recurses in C",
        "nest until the stack of C overflows",
        """
        import sys
        sys.setrecursionlimit(10**9)
        def deeper(n):
            return sorted([n], key=lambda m: deeper(m + 1))
        deeper(0)
        """,
    ),
    cell(
        "code that does not compile in time",
        "sources over which the parser and the shell take long",
        """
        compile("(" * 190 + ")" * 190, "x", "eval")
        eval("[" + "0," * 200_000 + "]")
        import re
        re.match("(a+)+$", "a" * 40 + "b")
        """,
        "timeout",
    ),
    call(
        "a result without end",
        "a list that holds itself, and one as large as a message may be",
        """
        kept = []
        kept.append(kept)
        return kept
        """,
    ),
    call(
        "a result as large as may be",
        "arrays of just below and above the limit of a message, again and again",
        "return np.zeros(2**20 if factor == 3.0 else 2**27)",
    ),
)
