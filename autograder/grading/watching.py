"""The memory of a submission's processes taken together, which the kernel's own limits do not know.

Those hold for each process. So a thread looks a few times a second at what all of them hold, and
ends them where it is more than one may have. It needs nothing but ``/proc``.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from autograder.grading.limits import MIB

PERIOD = 0.25
_SHARE = 20
"""Looking takes at most one part in so many of a core, however many processes the machine has."""
_HELD = (b"RssAnon:", b"RssShmem:", b"VmSwap:")
_HELD_EXACTLY = (b"Pss_Anon:", b"Pss_Shmem:", b"SwapPss:")


class MemoryWatch:
    """Watches a process and all that it starts until ``stop``; a thread of the caller's process.

    pid: the process, by its number here.
    limit: bytes that all of them may hold together, files on disk that are mapped not counted.
    kill: called once, from the thread, when they hold more.
    """

    def __init__(self, pid: int, limit: int, kill: Callable[[], None]):
        self.pid = pid
        self.limit = limit
        self.kill = kill
        self.found = ""
        """What went wrong, in words; empty while nothing has."""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="memory-watch", daemon=True)
        self._thread.start()

    def stop(self) -> str:
        """Watch no longer; what was found. After it, ``kill`` is not called any more."""
        self._stop.set()
        self._thread.join()
        return self.found

    def _watch(self) -> None:
        pause = PERIOD
        while not self._stop.wait(pause):
            began = time.thread_time()  # the core's time: waiting for a busy core takes nobody's
            held = held_together(self.pid, self.limit)
            if held > self.limit:
                self.found = (
                    f"its processes together held {held / MIB:.0f} MiB of memory, "
                    f"and {self.limit / MIB:.0f} are allowed"
                )
                self.kill()
                return
            pause = max(PERIOD, _SHARE * (time.thread_time() - began))


def held_together(pid: int, limit: int) -> int:
    """Bytes of memory that a process and its descendants hold.

    Memory that several of them share counts once where the kernel lets this user look that closely,
    and for each of them elsewhere; the close look, which takes milliseconds, is taken only where the
    quick one finds more than ``limit``.
    """
    processes = family(pid)
    held = sum(_held(one, "status", _HELD) or 0 for one in processes)
    if held <= limit:
        return held
    exactly = [_held(one, "smaps_rollup", _HELD_EXACTLY) for one in processes]
    return held if None in exactly else sum(exactly)


def family(pid: int) -> list[int]:
    """A process and its descendants, as far as their parents still live."""
    children = defaultdict(list)
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):  # it may end meanwhile
                # "12 (any name) S 1 …": the parent stands behind the last parenthesis
                fields = Path("/proc", name, "stat").read_bytes().rpartition(b")")[2].split()
                children[int(fields[1])].append(int(name))
    found = [pid]
    for one in found:
        found += children[one]
    return found


def _held(pid: int, file: str, wanted: tuple[bytes, ...]) -> int | None:
    """The sum of some of the lines of a file about a process; None where it cannot be read."""
    try:
        lines = Path("/proc", str(pid), file).read_bytes().splitlines()
    except FileNotFoundError:  # it has ended
        return 0
    except OSError:
        return None
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith(wanted))


def pid_of(pidfd: int) -> int:
    """The number here of the process behind a descriptor, which may have another in its namespace.

    ProcessLookupError where it has ended.
    """
    for line in Path(f"/proc/self/fdinfo/{pidfd}").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == "Pid" and int(value) > 0:
            return int(value)
    raise ProcessLookupError(f"no process behind descriptor {pidfd}")
