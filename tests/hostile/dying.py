"""Attacks that end, stop or replace the process that runs them."""

from __future__ import annotations

from tests.hostile.corpus import Attack
from tests.hostile.forging import code

KIND = "dying"


def in_cell(name: str, tries: str, body: str, told: str | tuple[str, ...] = "died") -> Attack:
    """In an ordinary cell: the rest runs again without it, and no point is lost."""
    return Attack(name, tries, first=code(body), told=told)


def in_call(name: str, tries: str, body: str, told: str | tuple[str, ...] = "died") -> Attack:
    """While the tests call `total`: what was earned before it and what comes after stays."""
    lines = "".join(f"    {line}\n" for line in code(body).splitlines())
    answer = f"def total(x):\n{lines}    return 2 * float(x.sum())\n"
    return Attack(name, tries, answers={"total": answer}, earns={"total": 0}, told=told)


ATTACKS = (
    in_cell(
        "exits in a cell",
        "end the process at once, with a good exit code",
        "import os\nos._exit(0)",
    ),
    in_call("exits in a call", "the same while a test runs", "import os\nos._exit(0)"),
    in_cell(
        "a fault in a cell", "read memory that is not there", "import ctypes\nctypes.string_at(0)"
    ),
    in_call(
        "a fault in a call", "the same while a test runs", "import ctypes\nctypes.string_at(0)"
    ),
    in_call("aborts", "abort as the C library does", "import os\nos.abort()"),
    in_cell(
        "kills everybody",
        "send SIGKILL to every process that it may send it to",
        """
        import os, signal
        for pid in (-1, 0, 1, os.getpid(), os.getppid()):
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        os._exit(9)
        """,
    ),
    in_cell(
        "becomes another program",
        "replace the process by a program that sleeps",
        "import os\nos.execv('/bin/sleep', ['sleep', '1000'])",
        told=(),
    ),
    in_call(
        "becomes another program in a call",
        "the same while a test runs",
        "import os\nos.execv('/bin/sh', ['sh', '-c', 'kill -9 $$'])",
    ),
    in_call(
        "hangs up",
        "close every descriptor and sleep",
        """
        import os, time
        os.closerange(3, 256)
        time.sleep(1000)
        """,
    ),
    in_call(
        "stops itself",
        "send itself the signal that stops a process for ever",
        """
        import os, signal, time
        os.kill(os.getpid(), signal.SIGSTOP)
        os.kill(0, signal.SIGSTOP)
        time.sleep(1000)
        """,
        told="timeout",
    ),
    Attack(
        "dies a moment later",
        "a thread that ends the process when everything is over, or nearly",
        last="import os, threading\nthreading.Timer(0.02, os._exit, (7,)).start()\n",
    ),
    in_cell(
        "dies by a signal of its own",
        "let a timer of the kernel end the process, which as the first of its namespace it survives",
        """
        import resource, signal, time
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        time.sleep(10)
        """,
        told="timeout",
    ),
    in_cell(
        "overflows the stack",
        "recurse in C without a limit",
        """
        import ctypes, sys
        sys.setrecursionlimit(10**9)
        class A:
            def __getattr__(self, name):
                return getattr(self, name + "x")
        import threading
        threading.stack_size(2**16)
        def deeper():
            return str(A().a)
        thread = threading.Thread(target=deeper)
        thread.start()
        thread.join()
        """,
    ),
    in_call(
        "dies every time but the first",
        "work once and die when called again",
        """
        import os, tempfile
        once = os.path.join(tempfile.gettempdir(), "once")
        if os.path.exists(once):
            os._exit(1)
        open(once, "w").close()
        """,
    ),
    Attack(
        "dies in every exercise",
        "end the process wherever it is started again",
        answers={
            name: f"def {name}(*args, **kwargs):\n    import os\n    os._exit(1)\n"
            for name in ("scale", "total", "slope", "Counter")
        },
        earns={"scale": 0, "total": 0, "slope": 0, "Counter": 0},
        told="died",
    ),
    Attack(
        "dies while it is asked for its name",
        "a function whose signature cannot be looked at without dying",
        answers={
            "total": code(
                """
                import os
                class Deadly:
                    def __call__(self, x):
                        return 2 * float(x.sum())
                    @property
                    def __signature__(self):
                        os._exit(5)
                total = Deadly()
                """
            )
        },
        earns={"total": 0},
        told="died",
    ),
    Attack(
        "dies while it answers",
        "an object that ends the process while it is packed, and one while it is thrown away",
        answers={
            "total": code(
                """
                import os
                class Deadly(float):
                    def __float__(self): os._exit(5)
                    def __del__(self): os._exit(6)
                def total(x):
                    return Deadly(8.0)
                """
            )
        },
        earns={"total": 0},
        told="died",
    ),
    Attack(
        "leaves by every exception",
        "SystemExit, KeyboardInterrupt, MemoryError and exceptions that raise while they are shown",
        first=code(
            """
            class Worse(BaseException):
                def __str__(self): raise SystemExit
                __repr__ = __str__
            raise Worse
            """
        ),
        last="import sys\nsys.exit(0)",
        answers={"total": "def total(x):\n    raise MemoryError\n"},
        earns={"total": 0},
    ),
)
