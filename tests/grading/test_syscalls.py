"""The filter of the kernel's calls: the right numbers, the right decisions, on both processors."""

from __future__ import annotations

import errno
import re
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.grading import syscalls

HEADERS = {
    "x86_64": "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
    "aarch64": "/usr/include/asm-generic/unistd.h",
}
ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
COLUMN = {"x86_64": 0, "aarch64": 1}
ALLOW, KILL = "allow", "kill"
SAME_CALL = {"newfstatat": "fstatat"}
"""Names that the common header writes in another way for 64-bit machines."""

both = pytest.mark.parametrize("machine", HEADERS)


def decide(machine: str, number: int, *arguments: int, architecture: int | None = None):
    """What the filter answers to a call, by interpreting its program: allow, kill or an errno."""
    program = syscalls.program(machine)
    words = {0: number, 4: ARCHITECTURE[machine] if architecture is None else architecture}
    words |= {16 + 8 * place: value & 0xFFFFFFFF for place, value in enumerate(arguments)}
    accumulator = place = 0
    while True:
        code, where_true, where_false, operand = program[place]
        place += 1
        if code == 0x20:
            accumulator = words.get(operand, 0)
        elif code == 0x06:
            answer = {0x7FFF0000: ALLOW, 0x80000000: KILL}.get(operand)
            return answer or operand & 0xFFFF
        else:
            holds = {
                0x15: accumulator == operand,
                0x35: accumulator >= operand,
                0x45: bool(accumulator & operand),
            }[code]
            place += where_true if holds else where_false


@both
def test_numbers_are_those_of_the_kernels_headers(machine):
    header = Path(HEADERS[machine])
    if not header.is_file():
        pytest.skip("the kernel's headers are not installed here (Debian: linux-libc-dev)")
    defined = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", header.read_text())
    known = {name: int(number) for name, number in defined}
    for table in (syscalls.ALLOWED, syscalls.CHECKED):
        for name, number in syscalls.numbers(table, COLUMN[machine]).items():
            assert known[SAME_CALL.get(name, name) if machine == "aarch64" else name] == number, (
                name
            )


@both
def test_allowed_are_the_calls_of_the_table_and_no_others(machine):
    allowed = set(syscalls.numbers(syscalls.ALLOWED, COLUMN[machine]).values())
    checked = set(syscalls.numbers(syscalls.CHECKED, COLUMN[machine]).values())
    for number in {*range(600)} - checked:
        assert decide(machine, number) == (ALLOW if number in allowed else errno.ENOSYS), number


@both
def test_some_calls_depend_on_an_argument(machine):
    number = syscalls.numbers(syscalls.CHECKED, COLUMN[machine])
    thread = 0x3D0F00
    assert decide(machine, number["clone"], thread) == ALLOW
    assert decide(machine, number["clone"], 17) == ALLOW  # fork
    for flag in (17, 25, 26, 27, 28, 29, 30):
        assert decide(machine, number["clone"], thread | 1 << flag) == errno.EPERM
    for name in ("socket", "socketpair"):
        assert decide(machine, number[name], 1) == ALLOW
        for family in (0, 2, 10, 16, 17, 38, 40):
            assert decide(machine, number[name], family) == errno.EAFNOSUPPORT
    assert decide(machine, number["ioctl"], 3, 0x5401) == ALLOW
    assert decide(machine, number["ioctl"], 0x5401, 0x5412) == errno.ENOTTY  # types into a terminal
    assert decide(machine, number["prctl"], 15) == ALLOW
    assert decide(machine, number["prctl"], 4) == errno.EPERM  # makes its memory readable


@both
def test_a_program_for_another_processor_is_killed(machine):
    assert decide(machine, 0, architecture=0x40000003) == KILL
    if machine == "x86_64":
        assert decide(machine, 0x40000000) == errno.ENOSYS


def test_the_way_out_of_the_table_is_said_of_other_processors(monkeypatch):
    monkeypatch.setattr(syscalls.platform, "machine", lambda: "riscv64")
    assert "riscv64" in syscalls.missing()


@pytest.mark.skipif(bool(syscalls.missing()), reason="no filter for this machine")
def test_the_filter_holds_for_the_process_and_for_what_it_starts():
    source = (
        "import os, subprocess, sys\n"
        "from autograder.grading import sandbox\n"
        "sandbox._prctl(38, 1)\n"
        "sandbox.limit_calls()\n"
        "ask = 'import os; os.memfd_create(chr(120))'\n"
        "ended = subprocess.run([sys.executable, '-c', ask], stderr=subprocess.PIPE, text=True)\n"
        "print(ended.stderr.splitlines()[-1])\n"
        "os.sched_setaffinity(0, os.sched_getaffinity(0))\n"
    )
    ended = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True)
    assert ended.stdout == "OSError: [Errno 38] Function not implemented\n"
    assert ended.stderr.endswith("OSError: [Errno 38] Function not implemented\n")
