"""Where student code runs: bubblewrap around the template, one more layer around each submission.

Outside, ``bubblewrap_command`` builds the command line: an empty root with the system, this Python
and the toolbox mounted read-only into it; no home directories, no network, no other processes.
Inside, each submission's process enters namespaces of its own (``enter_namespaces``), in which it
is process 1: killing it ends everything it started. It has an empty scratch folder of limited size
and sees neither the template nor a sibling.

The inside half is imported in the sandbox and therefore uses the standard library only.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import shutil
import site
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from autograder.errors import UserError
from autograder.grading import syscalls
from autograder.grading.limits import Limits

SCRATCH = "/scratch"
"""Where a submission writes: ``work`` (its current folder), ``home``, ``tmp`` and ``shm``."""

UNPRIVILEGED = 61990
"""User and group that a sandbox started by root runs as; no account is expected to have it."""

_SYSTEM_FOLDERS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_ETC = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "alternatives", "fonts")
_DEVICES = ("null", "zero", "full", "random", "urandom")
_PREFIX_PARTS = ("bin", "lib", "lib64", "share", "etc", "ssl", "pyvenv.cfg")
_INSIDE_FILES = (
    "__init__.py",
    "errors.py",
    "grading/__init__.py",
    "grading/arguments.py",
    "grading/display.py",
    "grading/limits.py",
    "grading/pipe.py",
    "grading/sandbox.py",
    "grading/student.py",
    "grading/syscalls.py",
    "grading/template.py",
)
_PASSED_ON = ("OPENBLAS_CORETYPE", "ATEN_CPU_CAPABILITY", "TZ")
"""The variables of the caller's environment that student code may see: they choose CPU kernels."""

_HOW_TO_INSTALL = (
    "install it (Debian, Ubuntu: `apt install bubblewrap`; Fedora: `dnf install bubblewrap`), or "
    "grade without a sandbox (--sandbox none), which runs students' code with your own rights: do "
    "that only for code you trust, or in a virtual machine that holds nothing else"
)


# ---- outside ---------------------------------------------------------------------------------


def environment(scratch: str = SCRATCH) -> dict[str, str]:
    """The whole environment of student code: an allow-list, so no secret can be in it."""
    one_thread = ("OMP", "OPENBLAS", "MKL", "NUMEXPR")
    return {
        **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
        **{f"{name}_NUM_THREADS": "1" for name in one_thread},
        "HOME": f"{scratch}/home",
        "TMPDIR": f"{scratch}/tmp",
        "IPYTHONDIR": f"{scratch}/home/.ipython",
        "MPLCONFIGDIR": f"{scratch}/home/.matplotlib",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "NBGRADER_EXECUTION": "autograde",
        "LANG": "C.UTF-8",
        "PATH": "/usr/bin:/bin",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "TERM": "dumb",
        "USER": "student",
        "LOGNAME": "student",
    }


def find_bubblewrap() -> str:
    """The path of ``bwrap``; a UserError that says what to do where there is none."""
    found = shutil.which("bwrap")
    if sys.platform != "linux" or found is None:
        raise UserError(f"students' code runs in bubblewrap, which is not here: {_HOW_TO_INSTALL}")
    return found


def drops_root() -> bool:
    """Whether the sandbox is started by root and takes another user's number inside."""
    return os.geteuid() == 0


def bubblewrap_command(limits: Limits, hidden: Iterable[Path] = ()) -> list[str]:
    """The command line up to the program to run in the sandbox.

    hidden: folders that must not be seen even where they stand below a system folder.
    """
    command = [find_bubblewrap(), "--die-with-parent", "--new-session", "--hostname", "grader"]
    command += ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
    command += ["--unshare-cgroup-try", "--cap-drop", "ALL"]
    if drops_root():
        # as root no user namespace is needed, and a number of its own (which only root can take)
        # makes limits on processes work and keeps root's files closed
        command += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        command += ["--unshare-user"]
    command += ["--ro-bind", "/usr", "/usr"]
    for name in _SYSTEM_FOLDERS:
        folder = Path("/", name)
        if folder.is_symlink():
            command += ["--symlink", os.readlink(folder), str(folder)]
        elif folder.is_dir():
            command += ["--ro-bind", str(folder), str(folder)]
    for folder in ("/etc", "/dev"):
        command += ["--perms", "0755", "--dir", folder]
    for name in _ETC:
        command += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    for name in _DEVICES:
        command += ["--dev-bind", f"/dev/{name}", f"/dev/{name}"]
    command += ["--proc", "/proc"]
    size = str(limits.scratch)
    for folder in (SCRATCH, "/dev/shm"):
        command += ["--perms", "1777", "--size", size, "--tmpfs", folder]
    binds = python_binds()
    if not any(path.is_relative_to("/tmp") for path in binds):
        command += ["--perms", "1777", "--size", size, "--tmpfs", "/tmp"]
    for path in hidden:
        if path.is_relative_to("/usr"):
            command += ["--tmpfs", str(path)]
    made: set[Path] = {Path("/"), Path("/tmp")}
    for path in binds:
        # folders on the way would be made for root's eyes only
        for parent in reversed(path.parents):
            if parent not in made and not any(map(parent.is_relative_to, (Path("/usr"), *binds))):
                made.add(parent)
                command += ["--perms", "0755", "--dir", str(parent)]
        command += ["--ro-bind", str(path), str(path)]
    return [*command, "--remount-ro", "/", "--chdir", SCRATCH, "--"]


def python_binds() -> list[Path]:
    """What must be visible for Python, its libraries, the toolbox and the code of the inside half."""
    import importlib.util

    wanted: list[Path] = []
    executable = Path(os.path.realpath(sys.executable))
    prefixes = {Path(p).resolve() for p in (sys.prefix, sys.base_prefix, sys.exec_prefix)}
    for prefix in sorted({*prefixes, Path(sys.prefix), Path(sys.base_prefix)}):
        wanted += [prefix / part for part in _PREFIX_PARTS]
    wanted += [Path(folder) for folder in site.getsitepackages()]
    if site.ENABLE_USER_SITE:
        wanted.append(Path(site.getusersitepackages()))
    wanted += [executable, *_linked(Path(sys.executable))]
    package = Path(__file__).resolve().parent.parent
    wanted += [package / name for name in _INSIDE_FILES]
    toolbox = importlib.util.find_spec("unrolled")
    wanted += [Path(folder) for folder in toolbox.submodule_search_locations]
    return _outermost(path for path in wanted if path.exists())


def _linked(path: Path) -> list[Path]:
    """The places that a link leads over, its end included."""
    places = []
    for _ in range(10):
        if not path.is_symlink():
            break
        path = Path(os.path.normpath(path.parent / os.readlink(path)))
        places.append(path)
    return places


def _outermost(paths: Iterable[Path]) -> list[Path]:
    """Without what is in the system folders anyway or below another one of them."""
    kept: list[Path] = []
    for path in sorted(set(paths), key=lambda p: len(p.parts)):
        system = path.is_relative_to("/usr")
        if not system and not any(path.is_relative_to(other) for other in kept):
            kept.append(path)
    return kept


def import_paths() -> list[str]:
    """Folders that hold the packages ``autograder`` and ``unrolled``, for ``sys.path``."""
    import importlib.util

    package = Path(__file__).resolve().parent.parent
    toolbox = importlib.util.find_spec("unrolled")
    found = [package.parent, *(Path(p).parent for p in toolbox.submodule_search_locations)]
    if site.ENABLE_USER_SITE:  # it is looked for below HOME, which is another one in the sandbox
        found.append(Path(site.getusersitepackages()))
    return [str(path) for path in found]


# ---- inside ----------------------------------------------------------------------------------

_CLONE_NEWNS, _CLONE_NEWCGROUP, _CLONE_NEWUTS = 0x00020000, 0x02000000, 0x04000000
_CLONE_NEWIPC, _CLONE_NEWUSER, _CLONE_NEWPID = 0x08000000, 0x10000000, 0x20000000
_CLONE_NEWNET = 0x40000000
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 1, 2, 4, 8
_MS_BIND, _MS_REC, _MS_PRIVATE = 4096, 16384, 1 << 18
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP = 1, 4, 24
_PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 36, 38
_CAPABILITY_VERSION = 0x20080522
_LAST_CAPABILITY = 63

_libc = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments) -> None:
    if getattr(_libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _prctl(option: int, value: int) -> None:
    _call("prctl", option, ctypes.c_ulong(value), *[ctypes.c_ulong(0)] * 3)


def _mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    texts = [text.encode() for text in (source, target, kind)]
    _call("mount", *texts, ctypes.c_ulong(flags), options.encode())


def leave_root() -> None:
    """Become the unprivileged user, for good."""
    os.setgroups([])
    os.setresgid(UNPRIVILEGED, UNPRIVILEGED, UNPRIVILEGED)
    os.setresuid(UNPRIVILEGED, UNPRIVILEGED, UNPRIVILEGED)


def become_subreaper() -> None:
    """Orphaned grandchildren become children of this process, which can then wait for them."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def enter_namespaces(limits: Limits) -> None:
    """Leave the sandbox's namespaces for fresh ones; the next child is process 1 in them.

    Afterwards ``/scratch`` is empty and of limited size, and ``/proc`` shows nothing: a fresh one is
    refused in most containers, and the old one would show the template. OSError where refused.
    """
    user, group = os.geteuid(), os.getegid()
    _prctl(_PR_SET_DUMPABLE, 1)  # else the files in /proc/self belong to root
    _call(
        "unshare",
        _CLONE_NEWUSER | _CLONE_NEWNS | _CLONE_NEWPID | _CLONE_NEWIPC | _CLONE_NEWNET
        | _CLONE_NEWUTS | _CLONE_NEWCGROUP,
    )  # fmt: skip
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        Path("/proc/self", name).write_text(text)
    # where memory runs out, a submission goes first and the grader last
    Path("/proc/self/oom_score_adj").write_text("1000")
    _mount("none", "/", "", _MS_REC | _MS_PRIVATE)
    files = max(4096, limits.scratch // 4096)
    _mount(
        "tmpfs", SCRATCH, "tmpfs", _MS_NOSUID | _MS_NODEV,
        f"size={limits.scratch},nr_inodes={files},mode=0700",
    )  # fmt: skip
    make_scratch(SCRATCH)
    _mount(f"{SCRATCH}/shm", "/dev/shm", "", _MS_BIND)
    if not os.listdir("/tmp"):  # else Python itself lives there, and /tmp is read-only
        _mount(f"{SCRATCH}/tmp", "/tmp", "", _MS_BIND)
    _mount(
        "tmpfs", "/proc", "tmpfs", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC | _MS_RDONLY,
        "size=4096,mode=0555",
    )  # fmt: skip


def make_scratch(folder: str) -> None:
    """The folders that the environment of student code names."""
    for name in ("work", "home", "tmp", "shm"):
        os.makedirs(f"{folder}/{name}", exist_ok=True)


def drop_capabilities() -> None:
    """Give up every capability, also for programs that are started later."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    for number in range(_LAST_CAPABILITY + 1):
        try:
            _prctl(_PR_CAPBSET_DROP, number)
        except OSError:  # EINVAL past the last one that this kernel knows; EPERM where none is held
            break
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    _call("capset", header, (ctypes.c_uint32 * 6)())


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends. Elsewhere than on Linux: nothing."""
    if sys.platform == "linux":
        _prctl(_PR_SET_PDEATHSIG, 9)


def hide_memory() -> None:
    """Refuse debuggers and core dumps."""
    if sys.platform == "linux":
        _prctl(_PR_SET_DUMPABLE, 0)


def stay_on(core: int | None) -> None:
    """Use this processor core only, also in what is started later. None: any."""
    if core is not None:
        with contextlib.suppress(OSError):  # an administrator has taken it away meanwhile
            os.sched_setaffinity(0, {core})


def limit_calls() -> None:
    """Refuse the calls of the kernel that student code has no use for, where that can be had."""
    if not syscalls.missing():
        syscalls.refuse_other_calls()


def limit_resources(limits: Limits, *, own_user_namespace: bool) -> None:
    """The kernel's limits for this process and what it starts.

    Processes are counted per user and user namespace, so without a namespace of one's own every
    process of the account would count, and no limit is set.
    """
    seconds = int(limits.total) + 5
    wanted = {
        "RLIMIT_CORE": 0,
        "RLIMIT_DATA": limits.memory,
        "RLIMIT_CPU": seconds,
        "RLIMIT_FSIZE": limits.file,
        "RLIMIT_NOFILE": limits.open_files,
        "RLIMIT_MEMLOCK": 65536,
        "RLIMIT_MSGQUEUE": 0,
    }
    if own_user_namespace:
        wanted["RLIMIT_NPROC"] = limits.processes
    for name, value in wanted.items():
        kind = getattr(resource, name, None)
        if kind is None:
            continue
        _, hard = resource.getrlimit(kind)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        try:
            resource.setrlimit(kind, (value, value))
        except (ValueError, OSError):  # macOS refuses some of them
            continue


def limit_memory(limits: Limits) -> None:
    """The examiner's own limit: data from a student must not make it take the machine."""
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    value = limits.memory if hard == resource.RLIM_INFINITY else min(limits.memory, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (value, hard))


def keep_descriptors(kept: Sequence[int]) -> None:
    """Close every descriptor but these; standard input, output and error lead nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(nowhere, number)
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    highest = 65536 if limit == resource.RLIM_INFINITY else min(limit, 65536)
    low = 3
    for number in sorted(kept):
        os.closerange(low, number)
        low = number + 1
    os.closerange(low, highest)
