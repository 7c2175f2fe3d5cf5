"""The warm process in the sandbox: imports what every notebook imports, then forks on request.

No student code ever runs in it. Its one descriptor is the socket to the worker, which asks with
``("spawn", number, limits, folder, modules)`` and the socket of a submission's examiner, and hears
``("spawned", number, pid)`` with a pidfd. ``("reap", number)`` waits for that process and answers with
how it ended. Run as ``main(MODE, CORE, DESCRIPTOR)``; the core is a processor core to stay on, or None:

nested  each submission gets namespaces of its own; many submissions, one after another
single  this very process becomes the student's: for hosts that refuse nested namespaces
plain   no namespaces at all (``--sandbox none``)
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator

from autograder.grading import sandbox
from autograder.grading.limits import Limits

_OFTEN_IMPORTED = (
    "tqdm.auto",
    "ipywidgets",
    "pydoc_data.topics",
    "unrolled.checking",
    "unrolled.datasets",
    "unrolled.plots",
)
"""What notebooks import, beside what the warm-up needs itself.

Not torch, which makes each fork thrice as long: it is imported for the chapters that use it.
"""


def main(mode: str, core: int | None, descriptor: int) -> None:
    """Warm up, say so, and serve until the worker hangs up."""
    sandbox.stay_on(core)
    if mode != "plain":
        if os.geteuid() == 0:
            sandbox.leave_root()
        sandbox.make_scratch(sandbox.SCRATCH)
    sandbox.die_with_parent()
    shell = _warm_up()

    from autograder.grading.pipe import Channel, PipeError

    channel = Channel(socket.socket(fileno=descriptor))
    reason = ""
    if mode == "nested":
        sandbox.become_subreaper()
        reason = _refusal()
    channel.send(("ready", reason))
    children: dict[int, int] = {}
    while True:
        try:
            message, descriptors = channel.receive_with_descriptors()
        except PipeError:
            os._exit(0)
        kind, number = message[:2]
        if kind == "spawn":
            limits = Limits(**message[2])
            _import_ahead(message[4])
            if mode == "single":
                channel.send(("spawned", number, os.getpid()))
                _become_student(shell, channel, descriptors[0], limits, message[3], mode)
            pid = _fork(mode, shell, channel, descriptors[0], limits, message[3])
            os.close(descriptors[0])
            children[number] = pid
            if hasattr(os, "pidfd_open"):
                pidfd = os.pidfd_open(pid)
                channel.send(("spawned", number, pid), descriptors=[pidfd])
                os.close(pidfd)
            else:
                channel.send(("spawned", number, pid))
        elif kind == "reap":
            _, status = os.waitpid(children.pop(number), 0)
            channel.send(("reaped", number, os.waitstatus_to_exitcode(status)))


def _warm_up():
    """Everything that is the same for all notebooks, done once; returns the shell."""
    with _fit_to_fork():
        from autograder.grading import student

        shell = student.make_shell()
        import matplotlib.pyplot  # noqa: F401
        from matplotlib_inline import backend_inline

        backend_inline.configure_inline_support(shell, "module://matplotlib_inline.backend_inline")
        _import(_OFTEN_IMPORTED)
        _draw_once()
        _explain_once(shell)
    return shell


def _import_ahead(modules: tuple[str, ...]) -> None:
    """Import what a chapter's notebooks will need: once here, not in every process."""
    missing = tuple(name for name in modules if name not in sys.modules)
    if missing:
        with _fit_to_fork():
            _import(missing)


def _import(modules: tuple[str, ...]) -> None:
    for name in modules:
        try:
            __import__(name)
        except ImportError:  # a convenience only: what is missing here a notebook reports itself
            continue


@contextlib.contextmanager
def _fit_to_fork() -> Iterator[None]:
    """RuntimeError where what is done in it leaves something behind that no fork would have."""
    before = _open_descriptors()
    yield
    gc.collect()
    if _open_descriptors() != before:
        raise RuntimeError("an import left a file open, which would be closed in every fork")
    if threading.active_count() > 1:
        names = ", ".join(thread.name for thread in threading.enumerate())
        raise RuntimeError(f"the template must have one thread to fork from, and has {names}")
    gc.freeze()


def _draw_once() -> None:
    """Draw a figure: the first one makes a grammar and looks for fonts, and takes twice as long."""
    from matplotlib import font_manager, mathtext
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2, 2))
    figure.subplots().set_title("$h_t$")
    FigureCanvasAgg(figure).draw()
    # fonts keep their files open, and a fork closes those: let it open its own
    mathtext.MathTextParser._parse_cached.cache_clear()
    font_manager._get_font.cache_clear()


def _explain_once(shell) -> None:
    """Format a traceback: the first one looks up the file of every module that is loaded."""
    try:
        raise ValueError
    except ValueError:
        shell.InteractiveTB.structured_traceback(*sys.exc_info())


def _open_descriptors() -> set[str]:
    """Which descriptors are open; nothing where the system does not say."""
    return set(os.listdir("/proc/self/fd")) if sys.platform == "linux" else set()


def _refusal() -> str:
    """Why this host gives no nested namespaces; "" where it does."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            sandbox.enter_namespaces(Limits())
            if os.fork() == 0:
                sandbox.drop_capabilities()
                os._exit(0)
            os.wait()
        except OSError as error:
            os.write(write, str(error).encode()[:1000])
        finally:
            os._exit(0)
    os.close(write)
    with open(read, "rb") as pipe:
        text = pipe.read().decode(errors="replace")
    os.waitpid(pid, 0)
    return text


def _fork(mode: str, shell, channel, descriptor: int, limits: Limits, folder: str) -> int:
    """Start a student's process; its pid, which this process can wait for."""
    if mode == "plain":
        pid = os.fork()
        if pid == 0:
            _become_student(shell, channel, descriptor, limits, folder, mode)
        return pid
    read, write = os.pipe()
    between = os.fork()
    if between == 0:
        try:
            os.close(read)
            sandbox.enter_namespaces(limits)
            pid = os.fork()
            if pid == 0:
                os.close(write)
                _become_student(shell, channel, descriptor, limits, folder, mode)
            os.write(write, str(pid).encode())
        except OSError as error:
            os.write(write, f"! {error}".encode()[:1000])
        finally:
            os._exit(0)
    os.close(write)
    with open(read, "rb") as pipe:
        answer = pipe.read().decode(errors="replace")
    os.waitpid(between, 0)
    if not answer.isdigit():
        raise RuntimeError(f"no process for a submission: {answer}")
    return int(answer)


def _become_student(shell, channel, descriptor: int, limits: Limits, folder: str, mode: str):
    """In the child: give up everything that is not the student's, and never return."""
    code = 1
    try:
        from autograder.grading import student
        from autograder.grading.pipe import Channel

        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        channel.socket.detach()
        own = os.dup(descriptor)
        sandbox.keep_descriptors([own])
        if mode == "plain":
            sandbox.make_scratch(folder)
            os.environ.update(sandbox.environment(folder))
        tempfile.tempdir = None
        sandbox.limit_resources(limits, own_user_namespace=mode != "plain")
        if mode == "plain":
            sandbox.die_with_parent()  # in a sandbox, the sandbox's end is everybody's
        if mode == "nested":
            sandbox.drop_capabilities()
        sandbox.hide_memory()
        if mode != "plain":
            sandbox.limit_calls()
        own_channel = Channel(socket.socket(fileno=own), limits.message)
        student.run(shell, own_channel, f"{folder}/work")
        code = 0
    except BaseException:  # nobody is left to hear of it; the examiner sees the end
        code = 1
    finally:
        os._exit(code)
