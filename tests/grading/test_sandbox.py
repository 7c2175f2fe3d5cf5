"""What code in the sandbox can see, reach, use up and leave behind: nothing that is not its own."""

from __future__ import annotations

import os
import platform
import time
from pathlib import Path

import pytest
from workshop import SOLUTIONS, cells_of, text_of

from autograder.grading import sandbox
from autograder.grading.cores import Core
from autograder.grading.outcome import StudentCell

HERE = Path(__file__).resolve()


def earned(outcome) -> float:
    return outcome.earned


# ---- asking the kernel -----------------------------------------------------------------------


def test_calls_of_the_kernel_that_nobody_needs_are_refused(show):
    asked = {
        "ptrace": (101, 0), "keyctl": (250, 0), "bpf": (321, 0), "userfaultfd": (323, 0),
        "perf_event_open": (298, 0), "io_uring_setup": (425, 1), "process_vm_readv": (310, 1),
        "unshare": (272, 0x10000000), "setns": (308, 0), "mount": (165, 0), "chroot": (161, 0),
        "shmget": (29, 0), "memfd_create": (319, 0), "sched_setaffinity": (203, 0),
        "open_by_handle_at": (304, 0), "add_key": (248, 0), "personality": (135, 0),
        "clone3": (435, 0), "seccomp": (317, 0), "pidfd_open": (434, 1), "splice": (275, 0),
    }  # fmt: skip
    source = (
        "import ctypes, os\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        f"for name, (number, argument) in {asked!r}.items():\n"
        "    answer = libc.syscall(number, argument, 0, 0, 0, 0, 0)\n"
        "    if (answer, ctypes.get_errno()) != (-1, 38): print(name, answer, ctypes.get_errno())\n"
        "print(libc.syscall(56, 0x10000011, 0, 0, 0, 0), ctypes.get_errno())\n"  # a user namespace
    )
    assert platform.machine() != "x86_64" or show(source) == "-1 1\n"


def test_a_submission_stays_on_one_core(show, grader):
    source = (
        "import os\nprint(len(os.sched_getaffinity(0)))\n"
        "os.sched_setaffinity(0, range(os.cpu_count()))"
    )
    assert show(source).startswith("1\n")
    assert "Function not implemented" in show(source)


def test_two_graders_take_two_cores():
    taken = [Core(), Core()]
    try:
        if len(os.sched_getaffinity(0)) > 1 and all(core._name for core in taken):
            assert taken[0].number != taken[1].number
        assert {core.number for core in taken} <= os.sched_getaffinity(0)
        held = next((core for core in taken if core._name), None)
        if held is not None:  # other graders of this machine may hold them all
            held.release()
            again = Core()
            taken.append(again)
            assert again._name is not None
    finally:
        for core in taken:
            core.release()


# ---- seeing ------------------------------------------------------------------------------------


def test_no_file_of_the_course_can_be_seen(show, chapter):
    root = chapter.course.root
    places = [root, chapter.source, chapter.folder, chapter.released_notebook]
    places += [HERE, HERE.parents[2] / "solutions", HERE.parents[2] / "pyproject.toml"]
    source = f"import os\nprint([p for p in {[str(p) for p in places]!r} if os.path.exists(p)])"
    assert show(source) == "[]\n"


def test_no_home_directory_and_little_of_etc_can_be_seen(show):
    source = (
        "import os, sys\n"
        "for top in ('/root', '/home', '/var', '/opt', '/mnt', '/srv', '/run', '/boot', '/sys'):\n"
        "    for folder, folders, files in os.walk(top):\n"
        "        folder = os.path.realpath(folder)\n"
        "        if not folder.startswith((sys.prefix, sys.base_prefix)):\n"
        "            print(*[folder + '/' + f for f in files], end='')\n"
        f"print(sorted(set(os.listdir('/etc')) - set({sandbox._ETC!r})))"
    )
    assert show(source) == "[]\n"


def test_only_the_toolbox_of_the_repository_can_be_seen(show):
    repository = HERE.parents[2]
    source = (
        "import os\n"
        f"for folder, folders, files in os.walk({str(repository)!r}):\n"
        "    folders[:] = [f for f in folders if f not in ('.venv', '__pycache__')]\n"
        "    for f in files: print(os.path.relpath(os.path.join(folder, f), "
        f"{str(repository)!r}))"
    )
    seen = show(source).split()
    inside = {f"autograder/{name}" for name in sandbox._INSIDE_FILES}
    strange = [f for f in seen if f not in inside and not f.startswith("course/unrolled/")]
    assert seen and strange == []


def test_the_environment_is_an_allow_list(show, grader, monkeypatch):
    source = "import os\nfor name in sorted(os.environ): print(name)"
    names = set(show(source).split())
    allowed = {*sandbox.environment(), *sandbox._PASSED_ON}
    allowed |= {"COLUMNS", "LINES", "CLICOLOR", "LC_CTYPE", "FORCE_COLOR", "PWD", "PAGER"}
    assert names - allowed - {"KMP_DUPLICATE_LIB_OK", "KMP_INIT_AT_FORK"} == set()
    assert {"NBGRADER_EXECUTION", "HOME", "OMP_NUM_THREADS"} <= names


def test_no_other_process_can_be_seen_or_signalled(show):
    source = (
        "import os\nprint(os.getpid(), os.getppid(), os.listdir('/proc'))\n"
        "def there(pid):\n"
        "    try: os.kill(pid, 0)\n"
        "    except ProcessLookupError: return False\n"
        "    return True\n"
        "print([pid for pid in range(2, 5000) if there(pid)])"
    )
    assert show(source) == "1 0 []\n[]\n"


def test_only_one_descriptor_is_open_besides_the_three_that_lead_nowhere(show):
    source = (
        "import os, stat\n"
        "for fd in range(256):\n"
        "    try: found = os.fstat(fd)\n"
        "    except OSError: continue\n"
        "    print(fd if fd < 3 else '-', stat.S_ISSOCK(found.st_mode), stat.S_ISCHR(found.st_mode))"
    )
    lines = show(source).splitlines()
    assert lines == ["0 False True", "1 False True", "2 False True", "- True False"]


def test_hidden_tests_are_not_in_the_students_process(sandboxed):
    search = """
def scale(x, factor):
    import ctypes, gc, sys
    needle = "the hidden " + "test"
    found = [text for text in gc.get_objects() if isinstance(text, str) and needle in text]
    for holder in gc.get_objects():
        if isinstance(holder, dict):
            for value in list(holder.values()):
                if isinstance(value, (str, bytes)) and needle in str(value) and value != needle:
                    found.append(value)
    frame = sys._getframe()
    while frame is not None:
        if frame.f_code.co_filename.startswith("<test"): found.append(frame)
        for value in list(frame.f_locals.values()):
            if isinstance(value, (str, bytes)) and needle in str(value) and value != needle:
                found.append(value)
        frame = frame.f_back
    if found: raise ValueError(repr(found))
    return factor * x
"""
    outcome = sandboxed({"scale": search})
    assert outcome.exercises["scale"].status == "passed", outcome.exercises["scale"].message


def test_a_submission_finds_nothing_of_the_one_before(show):
    leave = (
        "import os, tempfile, pathlib\n"
        "for place in ('.', '~', '/tmp', '/dev/shm', tempfile.gettempdir(), '/scratch'):\n"
        "    try: pathlib.Path(place).expanduser().joinpath('left-behind').write_text('me')\n"
        "    except OSError as error: print(error)\n"
        "import numpy as np\nnp.poisoned = True\nprint('left')"
    )
    assert "left\n" in show(leave)
    look = (
        "import os, numpy\n"
        "print([os.path.join(d, f) for top in ('/scratch', '/tmp', '/dev')\n"
        "    for d, _, fs in os.walk(top) for f in fs if f == 'left-behind'])\n"
        "print(hasattr(numpy, 'poisoned'))"
    )
    assert show(look) == "[]\nFalse\n"


# ---- reaching ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.create_connection(('1.1.1.1', 53), 2)",
        "socket.create_connection(('127.0.0.1', 22), 2)",
        "socket.getaddrinfo('example.org', 80)",
        "socket.socket(socket.AF_INET, socket.SOCK_RAW)",
        "open('/written', 'w')",
        "open('/usr/written', 'w')",
        "open('/etc/ld.so.cache', 'r+b')",
        "open(torch.__file__, 'a')",
        "open(unrolled.__file__, 'a')",
        "os.setuid(0)",
        "os.setgroups([0])",
        "os.chroot('/scratch')",
        "os.mknod('/scratch/disk', 0o600 | stat.S_IFBLK, os.makedev(8, 0))",
        "check(libc.mount(b'none', b'/proc', b'proc', 0, b''))",
        "check(libc.umount2(b'/proc', 2))",
        "check(libc.ptrace(16, 1, 0, 0))",
        "check(libc.unshare(0x00020000))",
        "check(libc.sethostname(b'mine', 4))",
    ],
)
def test_the_sandbox_refuses(show, attempt):
    source = (
        "import ctypes, os, socket, stat, torch, unrolled\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "def check(result):\n"
        "    if result: raise OSError(ctypes.get_errno(), 'refused')\n"
        f"try:\n    {attempt}\n    print('it worked')\n"
        "except (OSError, PermissionError) as error:\n    print('refused')"
    )
    assert show(source) == "refused\n"


def test_the_user_in_the_sandbox_is_not_root_and_has_no_capability(show):
    source = (
        "import ctypes, os\n"
        "header = (ctypes.c_uint32 * 2)(0x20080522, 0)\n"
        "data = (ctypes.c_uint32 * 6)()\n"
        "ctypes.CDLL(None).capget(header, data)\n"
        "print(os.getuid() == 0, os.geteuid() == 0, list(data))"
    )
    if os.geteuid() == 0:
        assert show(source) == "False False [0, 0, 0, 0, 0, 0]\n"
    else:
        assert show(source).endswith("[0, 0, 0, 0, 0, 0]\n")


def test_a_user_namespace_of_ones_own_uncovers_nothing(show):
    source = (
        "import ctypes, os\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "print(libc.unshare(0x10000000 | 0x00020000) in (0, -1))\n"
        "print(libc.umount2(b'/proc', 2), libc.umount2(b'/scratch', 2), os.listdir('/proc'))\n"
        "print(os.access('/usr/written', os.W_OK), libc.mount(b'/', b'/', b'', 32 | 4096, b''))"
    )
    assert show(source) == "True\n-1 -1 []\nFalse -1\n"


# ---- using up ----------------------------------------------------------------------------------------


def test_memory_is_limited_and_the_notebook_goes_on(sandboxed):
    for hog in ("x = bytearray(8 * 2**30)", "x = [b'x' * 2**20 for i in range(4000)]"):
        limits = {"memory": 800 * 2**20}
        outcome = sandboxed(first=hog, last="print('fine')", limits=limits)
        assert "MemoryError" in text_of(outcome, "first")
        assert text_of(outcome, "last") == "fine\n"
        assert earned(outcome) == 13


def test_a_function_that_takes_all_memory_loses_its_own_points_only(sandboxed):
    answer = "def draw(rng, n):\n    return np.ones(2**31)"
    outcome = sandboxed({"draw": answer})
    assert outcome.exercises["draw"].status == "error"
    assert earned(outcome) == 11


def test_scratch_space_is_limited(show):
    source = (
        "import os\n"
        "for place in ('.', '/tmp', '/dev/shm'):\n"
        "    try:\n"
        "        with open(place + '/big', 'wb') as file:\n"
        "            for _ in range(64): file.write(bytes(2**20))\n"
        "        print('it worked')\n"
        "        os.remove(place + '/big')\n"
        "    except OSError as error: print(error.strerror)\n"
        "    if os.path.exists(place + '/big'): os.remove(place + '/big')\n"
    )
    own, temporary, shared = show(source, scratch=16 * 2**20).splitlines()
    assert own == shared == "No space left on device"
    # where the repository itself stands under /tmp, all of it is closed
    assert temporary in ("No space left on device", "Read-only file system")


def test_processes_are_limited(show):
    source = (
        "import os, time\n"
        "count = 0\n"
        "try:\n"
        "    while count < 500:\n"
        "        if os.fork() == 0: time.sleep(60)\n"
        "        count += 1\n"
        "except BlockingIOError: print('no more')\n"
        "print(count < 64)"
    )
    assert show(source) == "no more\nTrue\n"


def test_a_huge_result_ends_the_call_and_not_the_examiner(sandboxed):
    answer = "def draw(rng, n):\n    return np.zeros(2**24)"
    outcome = sandboxed({"draw": answer}, limits={"message": 2**20})
    assert "too large" in outcome.exercises["draw"].message
    assert earned(outcome) == 11


# ---- leaving behind ------------------------------------------------------------------------------------


def _descendants() -> int:
    """How many processes descend from this one."""
    parents = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(folder.name)] = int(fields[1])
    count, queue = 0, [os.getpid()]
    while queue:
        children = [pid for pid, parent in parents.items() if parent == queue[0]]
        queue = queue[1:] + children
        count += len(children)
    return count


def test_nothing_that_a_submission_starts_outlives_it(sandboxed):
    daemon = (
        "import os, signal, time\n"
        "for _ in range(3):\n"
        "    if os.fork() == 0:\n"
        "        os.setsid()\n"
        "        for number in range(1, 32):\n"
        "            try: signal.signal(number, signal.SIG_IGN)\n"
        "            except OSError: pass\n"
        "        if os.fork() == 0:\n"
        "            time.sleep(300)\n"
        "        os._exit(0)\n"
        "print('started')"
    )
    sandboxed()
    before = _descendants()
    outcome = sandboxed(first=daemon)
    assert text_of(outcome, "first") == "started\n"
    assert _descendants() == before


def test_a_forked_copy_of_the_notebook_does_not_speak_for_it(sandboxed):
    fork = "import os\nif os.fork() == 0:\n    print('child')\nelse:\n    os.wait()"
    outcome = sandboxed(first=fork, limits={"cell": 2, "grace": 1})
    assert earned(outcome) == 13


# ---- the pipe ------------------------------------------------------------------------------------------

FIND_SOCKET = """
import os, socket, stat, struct, threading, time
for fd in range(3, 256):
    try:
        if stat.S_ISSOCK(os.fstat(fd).st_mode): break
    except OSError: pass
pipe = socket.socket(fileno=os.dup(fd))
pipe.setblocking(True)
from unrolled import plain
def send(message):
    data = plain.pack(message)
    pipe.sendall(struct.pack(">Q", len(data)) + data)
"""


@pytest.mark.parametrize(
    "attack",
    [
        "pipe.sendall(os.urandom(4096))",
        "pipe.sendall(bytes(8))",
        "pipe.sendall(struct.pack('>Q', 2**63) + b'x')",
        "pipe.sendall(struct.pack('>Q', 10**6) + b'x'); time.sleep(60)",
        "send(('returned', 1, 1, {}))",
        "send(('exercise', 'draw', 2.0, 'passed', '', None, ''))",
        "send(('finished',))",
        "send(('begun', 10**6, {}))",
        "send(('callback', 1, 99, (), {})); pipe.shutdown(socket.SHUT_RDWR); time.sleep(60)",
        "send(('callback', 'a', [], 3, 4))",
        "send((1, 2)); send(())",
        "send([1, 2])",
        "send(('returned', True, None, {}))",
        "pipe.shutdown(socket.SHUT_WR); time.sleep(60)",
        "send(('raised', 1, {'kinds': []}, {}))",
    ],
)
def test_a_broken_protocol_ends_the_process_that_broke_it(sandboxed, attack):
    body = "".join(f"    {line}\n" for line in [*FIND_SOCKET.splitlines(), *attack.split("; ")])
    answer = f"def draw(rng, n):\n{body}    time.sleep(60)"
    outcome = sandboxed({"draw": answer}, limits={"test": 0.5, "grace": 0.4})
    assert outcome.exercises["draw"].earned == 0
    assert outcome.exercises["draw"].status in ("died", "timeout")
    assert earned(outcome) == 11
    assert [event.where for event in outcome.events] == ["draw"]


def test_messages_without_end_are_not_listened_to_without_end(sandboxed):
    flood = FIND_SOCKET + (
        "def forever():\n"
        "    while True: send(('callback', 1, 1, (), {}))\n"
        "threading.Thread(target=forever, daemon=True).start()\n"
        "time.sleep(60)"
    )
    start = time.monotonic()
    outcome = sandboxed(first=flood, limits={"cell": 0.5, "grace": 0.5})
    assert time.monotonic() - start < 10
    assert earned(outcome) == 13


def test_a_forged_verdict_sent_ahead_of_time_gives_nothing(sandboxed):
    ahead = FIND_SOCKET + "\nfor n in range(40): send(('returned', n, np.zeros(5), {}))"
    wrong = {name: f"def {name}(*a):\n    return 0" for name in SOLUTIONS if name != "RATE"}
    outcome = sandboxed({**wrong, "RATE": "RATE = 0"}, first=ahead)
    assert earned(outcome) <= 1  # the last test gives every answer that point
    assert any(event.kind == "protocol" for event in outcome.events)


def test_a_cell_cannot_forge_its_neighbours_output(sandboxed):
    forge = FIND_SOCKET + "\nsend(('ran', 3, [{'output_type': 'stream'}], 1, 'ok', False))"
    outcome = sandboxed(cells=[StudentCell("a", forge), *cells_of(last="print('mine')")])
    assert text_of(outcome, "last") == "mine\n"
    assert earned(outcome) == 13
