"""Runs a chapter's notebook in a fresh kernel, the same way every time."""

from __future__ import annotations

import importlib.util
import json
import multiprocessing
import os
import re
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from autograder.authoring.sources import cell_lines
from autograder.course import Chapter, cell_id
from autograder.progress import progress

CELL_TIMEOUT = 120
"""Seconds that a cell may take; a cell whose metadata says ``timeout: 300`` may take longer."""

KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
LANGUAGE_INFO = {
    "name": "python",
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "pygments_lexer": "ipython3",
}

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_CELL_FRAME = re.compile(r"Cell In\[(\d+)\], line (\d+)")
_WIDGET = "application/vnd.jupyter.widget-view+json"
# what a cell may do differently depends on none of these
_UNSET = (
    "NBGRADER_EXECUTION",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "PYTHONWARNINGS",
    "PYTHONOPTIMIZE",
    "MPLBACKEND",
    "JPY_PARENT_PID",
    "COLUMNS",
)


class CellFailure(Exception):
    """A cell that failed; the message says chapter, cell, line of the text, and the traceback."""


def execute(chapter: Chapter, notebook: NotebookNode, folder: Path) -> None:
    """Run every code cell in ``folder`` (which holds given.py and key.npz) and keep the outputs.

    The kernel is the running interpreter's, progress bars are off and no GPU is seen, so that the
    outputs are the same on every machine. Raises CellFailure for the first cell that fails.
    """
    lines = cell_lines(chapter, notebook)
    codes = [i for i, c in enumerate(notebook.cells) if c.cell_type == "code" and c.source.strip()]
    with tempfile.TemporaryDirectory(prefix="kernel-") as private:
        manager = AsyncKernelManager(
            kernel_name="python3",
            kernel_spec_manager=KernelSpecManager(kernel_dirs=[]),
            connection_file=str(Path(private) / "kernel.json"),
        )
        if os.name == "posix":
            # two kernels that start at once can pick the same TCP port; sockets in a private folder cannot clash
            manager.transport = "ipc"
            manager.ip = str(Path(private) / "socket")
        # in a worker process, where other chapters run beside this one, there is one bar for all
        worker = multiprocessing.parent_process() is not None
        bar = progress(total=len(codes), what=f"  {chapter.name}", unit="cell", disable=worker)
        client = NotebookClient(
            notebook,
            km=manager,
            timeout_func=cell_timeout,
            resources={"metadata": {"path": str(folder)}},
            coalesce_streams=True,
            record_timing=False,
            store_widget_state=False,
            shutdown_kernel="immediate",
            on_cell_executed=lambda **_: bar.update(),
        )
        with bar:
            try:
                _execute(client, manager, env=_environment(private), cwd=str(folder))
            except CellExecutionError as error:
                raise CellFailure(_failed(chapter, notebook, lines, error)) from None
            except CellTimeoutError:
                at = _running(notebook, codes)
                seconds = cell_timeout(notebook.cells[at])
                raise CellFailure(
                    f"{_where(chapter, notebook, lines, at)}: still running after {seconds} s; "
                    "make it faster, or give it more in its metadata (`timeout: 300`)"
                ) from None
            except DeadKernelError:
                at = _running(notebook, codes)
                raise CellFailure(
                    f"{_where(chapter, notebook, lines, at)}: the kernel died (out of memory, or "
                    "the cell ended the process)"
                ) from None
    _refuse_machine_paths(chapter, notebook, lines, (folder, Path(private)))


def cell_timeout(cell: NotebookNode) -> int:
    """Seconds that this cell may take."""
    return max(CELL_TIMEOUT, int(cell.metadata.get("timeout", 0)))


def make_stable(notebook: NotebookNode) -> None:
    """Leave out of an executed notebook what differs from one run, or one machine, to the next."""
    notebook.metadata = NotebookNode(kernelspec=KERNELSPEC, language_info=LANGUAGE_INFO)
    number = 0
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        if cell.source.strip():
            number += 1
            cell.execution_count = number
        for output in cell.outputs:
            output.get("data", {}).pop(_WIDGET, None)  # model ids are random
            if "execution_count" in output:
                output.execution_count = number


def _execute(client: NotebookClient, manager: AsyncKernelManager, **options: object) -> None:
    """Run the client to its end; on Ctrl-C end the kernel first.

    The client runs in a thread of its own: in the main thread it would take Ctrl-C for itself and
    report that the kernel had died.
    """
    stopped = threading.Event()

    def refuse(**_: object) -> None:
        if stopped.is_set():
            raise RuntimeError("stopped before the kernel was ready")

    client.on_cell_start = refuse
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(client.execute, cleanup_kc=True, **options)
        try:
            while not wait((running,), timeout=1).done:
                pass  # with a timeout, since an endless wait cannot be interrupted on Windows
        except KeyboardInterrupt:
            stopped.set()
            if manager.provisioner is not None and manager.provisioner.process is not None:
                manager.provisioner.process.kill()
            wait((running,), timeout=10)
            raise
        running.result()


def _environment(private: str) -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if name not in _UNSET}
    environment.pop("UNROLLED_KEY", None)  # the key stands in the folder
    environment |= {
        "TQDM_DISABLE": "1",
        # several builds or tests at once: threads that wait for each other cost more than they give
        "OMP_NUM_THREADS": environment.get("OMP_NUM_THREADS", "1"),
        "PYTHONHASHSEED": "0",
        "IPYTHONDIR": private,
        "CUDA_VISIBLE_DEVICES": "",
        "TZ": "UTC",
        "JUPYTER_PLATFORM_DIRS": "1",
    }
    matplotlib = importlib.util.find_spec("matplotlib")
    if matplotlib is not None and matplotlib.origin:
        # an author's own matplotlibrc must not colour the course's figures
        defaults = Path(matplotlib.origin).parent / "mpl-data" / "matplotlibrc"
        environment["MATPLOTLIBRC"] = str(defaults)
    return environment


def _running(notebook: NotebookNode, codes: list[int]) -> int:
    """The cell that was running when the kernel stopped answering: the first without a count."""
    return next((i for i in codes if notebook.cells[i].get("execution_count") is None), codes[-1])


def _where(chapter: Chapter, notebook: NotebookNode, lines: list[int], at: int) -> str:
    name = cell_id(notebook.cells[at])
    label = f"cell {at + 1} ({name})" if name else f"cell {at + 1}"
    return f"{chapter.name}, {label}, {chapter.source}, line {lines[at]}"


def _failed(
    chapter: Chapter, notebook: NotebookNode, lines: list[int], error: CellExecutionError
) -> str:
    """Where the failing cell stands, the line that failed and a short traceback."""
    at, output = next(
        (i, output)
        for i, cell in enumerate(notebook.cells)
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "error" and "raises-exception" not in cell.metadata.get("tags", [])
    )
    by_count = {
        cell.execution_count: i
        for i, cell in enumerate(notebook.cells)
        if cell.cell_type == "code" and cell.get("execution_count")
    }
    said = [_where(chapter, notebook, lines, at)]
    chunks = output.traceback
    frames = _CELL_FRAME.findall("\n".join(_ANSI.sub("", chunk) for chunk in chunks))
    for count, line in dict.fromkeys(frames):
        frame = by_count.get(int(count))
        if frame is None:
            continue
        source = notebook.cells[frame].source.splitlines()
        text = source[int(line) - 1].strip() if int(line) <= len(source) else ""
        said.append(f"  line {lines[frame] + int(line) - 1}: {text}")
    kept = [chunk for chunk in chunks if not _library(chunk)]
    trace = "\n".join(_shorten(kept))
    if not sys.stderr.isatty():
        trace = _ANSI.sub("", trace)
    return "\n".join(said) + "\n" + trace


def _library(chunk: str) -> bool:
    """Whether a part of a traceback shows an installed library's code."""
    plain = _ANSI.sub("", chunk)
    return plain.startswith("File ") and "site-packages" in plain.partition("\n")[0]


def _shorten(chunks: list[str]) -> list[str]:
    body = [chunk for chunk in chunks if set(_ANSI.sub("", chunk)) != {"-"}]
    if len(body) > 8:
        body = [*body[:3], f"… {len(body) - 7} more …", *body[-4:]]
    return body


def _root() -> Path:
    """Where the packages stand."""
    return Path(__file__).resolve().parents[2]


def _refuse_machine_paths(
    chapter: Chapter, notebook: NotebookNode, lines: list[int], folders: tuple[Path, ...]
) -> None:
    """Built notebooks are published: an output must not tell folders, and would never replay."""
    own = {str(folder) for folder in folders}
    own |= {sys.prefix, str(_root()), str(chapter.course.root), str(Path.home()), "/tmp/ipykernel_"}
    own.discard("/")
    for at, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            text = json.dumps(output, ensure_ascii=False)
            told = next((folder for folder in sorted(own, key=len) if folder in text), None)
            if told:
                raise CellFailure(
                    f"{_where(chapter, notebook, lines, at)}: its output shows a folder of this "
                    f"machine ({told}…), so it would differ on every other; print something else"
                )
