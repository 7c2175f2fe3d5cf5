"""Which calls of the kernel student code may make: a seccomp filter, by an allow-list.

What Python, NumPy, PyTorch and Matplotlib need is allowed; everything else answers "not implemented"
(``ENOSYS``), for which libraries have other ways. So namespaces, mounts, debugging of other processes,
kernel keys, BPF, ``io_uring``, ``userfaultfd`` and sockets to other machines are out of reach, and with
them the parts of the kernel in which most holes are found. Two ways around the grader's own limits are
closed too: memory that no process has mapped (``memfd_create``, System V shared memory), and leaving
the processor core that a submission has been given (``sched_setaffinity``).

The program is classic BPF (``man 2 seccomp``). Imported in the sandbox: standard library only.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
from collections.abc import Iterable, Iterator

ALLOWED = """
    # files
    read:0:63 write:1:64 open:2:- openat:257:56 creat:85:- close:3:57 stat:4:- fstat:5:80 lstat:6:-
    newfstatat:262:79 statx:332:291 statfs:137:43 fstatfs:138:44 lseek:8:62 pread64:17:67
    pwrite64:18:68 readv:19:65 writev:20:66 preadv:295:69 pwritev:296:70 preadv2:327:286
    pwritev2:328:287 access:21:- faccessat:269:48 faccessat2:439:439 sendfile:40:71 fcntl:72:25
    flock:73:32 fsync:74:82 fdatasync:75:83 truncate:76:45 ftruncate:77:46 fallocate:285:47
    fadvise64:221:223 readahead:187:213 getdents:78:- getdents64:217:61 getcwd:79:17 chdir:80:49
    fchdir:81:50 rename:82:- renameat:264:38 renameat2:316:276 mkdir:83:- mkdirat:258:34 rmdir:84:-
    link:86:- linkat:265:37 unlink:87:- unlinkat:263:35 symlink:88:- symlinkat:266:36 readlink:89:-
    readlinkat:267:78 chmod:90:- fchmod:91:52 fchmodat:268:53 umask:95:166 utime:132:- utimes:235:-
    utimensat:280:88 getxattr:191:8 lgetxattr:192:9 fgetxattr:193:10 listxattr:194:11
    llistxattr:195:12 flistxattr:196:13 dup:32:23 dup2:33:- dup3:292:24 close_range:436:436
    # memory
    brk:12:214 mmap:9:222 munmap:11:215 mprotect:10:226 mremap:25:216 msync:26:227 mincore:27:232
    madvise:28:233 membarrier:324:283
    # waiting
    poll:7:- ppoll:271:73 select:23:- pselect6:270:72 epoll_create:213:- epoll_create1:291:20
    epoll_ctl:233:21 epoll_wait:232:- epoll_pwait:281:22 epoll_pwait2:441:441 eventfd:284:-
    eventfd2:290:19 timerfd_create:283:85 timerfd_settime:286:86 timerfd_gettime:287:87 futex:202:98
    nanosleep:35:101 clock_nanosleep:230:115 pause:34:- restart_syscall:219:128
    # pipes and sockets
    pipe:22:- pipe2:293:59 connect:42:203 accept:43:202 accept4:288:242 bind:49:200 listen:50:201
    sendto:44:206 sendmsg:46:211 sendmmsg:307:269 recvfrom:45:207 recvmsg:47:212 recvmmsg:299:243
    shutdown:48:210 getsockname:51:204 getpeername:52:205 setsockopt:54:208 getsockopt:55:209
    # processes
    fork:57:- vfork:58:- execve:59:221 exit:60:93 exit_group:231:94 wait4:61:260 waitid:247:95
    kill:62:129 tkill:200:130 tgkill:234:131 getpid:39:172 getppid:110:173 gettid:186:178
    getpgrp:111:- getpgid:121:155 setpgid:109:154 getsid:124:156 setsid:112:157 getpriority:140:141
    setpriority:141:140 sched_yield:24:124 sched_getaffinity:204:123 sched_getparam:143:121
    sched_getscheduler:145:120 sched_get_priority_max:146:125 sched_get_priority_min:147:126
    getrlimit:97:163 setrlimit:160:164 prlimit64:302:261 getrusage:98:165 set_tid_address:218:96
    set_robust_list:273:99 get_robust_list:274:100 rseq:334:293 arch_prctl:158:- capget:125:90
    getcpu:309:168 getuid:102:174 getgid:104:176 geteuid:107:175 getegid:108:177 getresuid:118:148
    getresgid:120:150 getgroups:115:158
    # signals and timers
    rt_sigaction:13:134 rt_sigprocmask:14:135 rt_sigreturn:15:139 rt_sigpending:127:136
    rt_sigtimedwait:128:137 rt_sigsuspend:130:133 sigaltstack:131:132 signalfd:282:-
    signalfd4:289:74 alarm:37:- getitimer:36:102 setitimer:38:103 timer_create:222:107
    timer_settime:223:110 timer_gettime:224:108 timer_getoverrun:225:109 timer_delete:226:111
    # the rest
    uname:63:160 sysinfo:99:179 times:100:153 time:201:- gettimeofday:96:169 clock_gettime:228:113
    clock_getres:229:114 getrandom:318:278
"""
"""name:number on x86-64:number on 64-bit Arm (- where it has none), from Linux's ``unistd.h``."""

CHECKED = """
    clone:56:220 socket:41:198 socketpair:53:199 ioctl:16:29 prctl:157:167
"""
"""Allowed or not by one of their arguments; numbers as above."""

_ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
"""Machine -> the number by which the kernel names it, and which of the two columns is its own."""
_X32 = 0x40000000
"""On x86-64, numbers from here on are the same calls with short pointers; nobody needs them."""

_NAMESPACES = 0x7E020000
"""The flags with which ``clone`` makes namespaces."""
_AF_UNIX = 1
_TERMINAL_AND_FILE = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""TCGETS (is it a terminal), TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX."""
_ABOUT_ITSELF = (1, 2, 3, 15, 16, 21, 23, 29, 30, 39)
"""Set or get the signal at a parent's death, the name, the timer's slack; get what else is harmless."""

# classic BPF: load a word of the call's description, compare, test bits, return
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST, _SECOND = 0, 4, 16, 24
"""Offsets in the description: arguments are 64 bits wide, and of these the lower half counts."""
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2

Instruction = tuple[int, int, int, int]
"""Code, how many to skip where true, how many to skip where false, operand."""


def numbers(table: str, column: int) -> dict[str, int]:
    """Name -> number of a table above, in the column of one machine."""
    lines = (line for line in table.splitlines() if not line.strip().startswith("#"))
    entries = (entry.split(":") for line in lines for entry in line.split())
    return {name: int(found[column]) for name, *found in entries if found[column] != "-"}


def program(machine: str) -> list[Instruction]:
    """The filter for a machine (``platform.machine()``); KeyError where none is known."""
    architecture, column = _ARCHITECTURES[machine]
    checked = numbers(CHECKED, column)
    made: list[Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if machine == "x86_64":
        made += [(_AT_LEAST, 0, 1, _X32), _refuse(errno.ENOSYS)]
    for first, last in _ranges(numbers(ALLOWED, column).values()):
        made += [(_AT_LEAST, 0, 2, first), (_AT_LEAST, 1, 0, last + 1), (_RETURN, 0, 0, _ALLOW)]
    made += _decide(
        checked["clone"], _FIRST, [(_ANY_BIT, _NAMESPACES)], _refuse(errno.EPERM), False
    )
    for name in ("socket", "socketpair"):
        made += _decide(checked[name], _FIRST, [(_EQUAL, _AF_UNIX)], _refuse(errno.EAFNOSUPPORT))
    for name, commands, number in (
        ("ioctl", _TERMINAL_AND_FILE, errno.ENOTTY),
        ("prctl", _ABOUT_ITSELF, errno.EPERM),
    ):
        tests = [(_EQUAL, command) for command in commands]
        made += _decide(
            checked[name], _SECOND if name == "ioctl" else _FIRST, tests, _refuse(number)
        )
    return [*made, _refuse(errno.ENOSYS)]


def _refuse(number: int) -> Instruction:
    return (_RETURN, 0, 0, _REFUSE | number)


def _decide(
    call: int,
    argument: int,
    tests: list[tuple[int, int]],
    refusal: Instruction,
    allowed_where_true: bool = True,
) -> Iterator[Instruction]:
    """For this call: allow it where one of the tests of its argument holds (or none of them)."""
    allow = (_RETURN, 0, 0, _ALLOW)
    found, otherwise = (allow, refusal) if allowed_where_true else (refusal, allow)
    yield (_EQUAL, 0, 2 * len(tests) + 2, call)
    yield (_LOAD, 0, 0, argument)
    for code, operand in tests:
        yield (code, 0, 1, operand)
        yield found
    yield otherwise


def _ranges(values: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Runs of neighbouring numbers, as (first, last)."""
    first = last = None
    for value in sorted(values):
        if last is not None and value == last + 1:
            last = value
            continue
        if first is not None:
            yield first, last
        first = last = value
    if first is not None:
        yield first, last


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def missing() -> str:
    """Why there can be no filter here; "" where there can."""
    if platform.machine() not in _ARCHITECTURES:
        return f"none is written for {platform.machine()} processors"
    # asked for a filter at no address, a kernel that has filters complains of the address
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, None, None, None)
    if ctypes.get_errno() != errno.EFAULT:
        return "this kernel has no seccomp"
    return ""


def refuse_other_calls() -> None:
    """Put the filter around this process and all that it starts, for good.

    The process must have given up new privileges before. OSError where the kernel has no seccomp.
    """
    made = program(platform.machine())
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in made)
    buffer = ctypes.create_string_buffer(code, len(code))
    filled = _Program(len(made), ctypes.cast(buffer, ctypes.c_void_p))
    libc = ctypes.CDLL(None, use_errno=True)
    nothing = ctypes.c_ulong(0)
    if libc.prctl(
        _PR_SET_SECCOMP,
        ctypes.c_ulong(_SECCOMP_MODE_FILTER),
        ctypes.byref(filled),
        nothing,
        nothing,
    ):
        raise OSError(ctypes.get_errno(), "the kernel refuses a filter of calls")
