"""A JupyterLab of its own on a folder, as ``make lab`` starts it."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tests.browser.chromium import Browser

TOKEN = "token-of-a-test"


@contextlib.contextmanager
def jupyterlab(folder: Path, home: Path) -> Iterator[str]:
    """Serve ``folder``; yields the address. Settings of this machine's user are not touched.

    home: an empty folder, where the server and its kernels keep what they remember.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home.mkdir(parents=True)
    own = ("CONFIG", "DATA", "RUNTIME")
    places = {f"JUPYTER_{name}_DIR": str(home / name.lower()) for name in own}
    places.update(
        HOME=str(home),
        IPYTHONDIR=str(home / "ipython"),
        JUPYTERLAB_SETTINGS_DIR=str(home / "settings"),
        JUPYTERLAB_WORKSPACES_DIR=str(home / "workspaces"),
        PATH=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
        OMP_NUM_THREADS="1",
    )
    environment = {**os.environ, **places}
    environment.pop("NBGRADER_EXECUTION", None)
    with open(home / "server.log", "w+", encoding="utf-8") as log:
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
                f"--ServerApp.root_dir={folder}",
                f"--ServerApp.port={port}",
                "--ServerApp.port_retries=0",
                f"--IdentityProvider.token={TOKEN}",
                # lets a test call a command by its name, as the command palette does
                "--LabApp.expose_app_in_browser=True",
                "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            ],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            deadline = time.monotonic() + 60
            while True:
                try:
                    urllib.request.urlopen(f"{address}/api?token={TOKEN}", timeout=30).close()
                    break
                except OSError:
                    said = Path(log.name).read_text(encoding="utf-8", errors="replace")
                    assert server.poll() is None, said
                    assert time.monotonic() < deadline, said
                    time.sleep(0.1)
            yield address
        finally:
            server.terminate()  # ends its kernels too
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def open_lab(browser: Browser, address: str, path: str = "") -> None:
    """Open JupyterLab, at a file of its folder, and wait until it is ready for a person."""
    browser.open("about:blank")  # leaves nothing of an earlier page to be taken for this one
    place = f"lab/tree/{path}" if path else "lab"
    browser.open(f"{address}/{place}?token={TOKEN}&reset")
    browser.until("window.jupyterapp.restored.then(() => true)", what="JupyterLab")
