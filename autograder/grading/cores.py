"""A processor core for each grader, so that a submission with many processes slows no neighbour.

A core is taken by binding a name in the kernel's abstract namespace of sockets: it is free again when
its holder ends, however it does, and graders of other batches on this machine see it too.
"""

from __future__ import annotations

import os
import random
import socket


class Core:
    """One of the cores that this process may use, preferably one that no other grader has taken.

    ``number`` is None where the system does not tell (macOS). Where every core is taken, a grader
    shares one.
    """

    def __init__(self):
        self.number: int | None = None
        self._name: socket.socket | None = None
        if not hasattr(os, "sched_getaffinity"):
            return
        cores = sorted(os.sched_getaffinity(0))
        for number in cores:
            name = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            try:
                name.bind(f"\0autograder-core-{number}")
            except OSError:
                name.close()
                continue
            self.number, self._name = number, name
            return
        self.number = random.choice(cores)

    def release(self) -> None:
        """Let another grader have it."""
        if self._name is not None:
            self._name.close()
            self._name = None
