"""A PostgreSQL server of the tests' own: an unprivileged user's, on a private socket, no port."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path


def find_programs() -> Path | None:
    """The folder with initdb and pg_ctl; None where PostgreSQL's server is not installed."""
    on_path = shutil.which("pg_ctl")
    candidates = [Path(on_path).resolve().parent] if on_path else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in candidates if (folder / "initdb").exists()), None)


@contextlib.contextmanager
def server(programs: Path) -> Iterator[str]:
    """Start a server; yields the URL of its database ``postgres``, without the name."""
    # it refuses to run as root; Debian's package makes this user
    user = {"user": "postgres"} if os.getuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short: a socket's path has a limit
    try:
        if user:
            shutil.chown(folder, **user)
        data = str(folder / "data")
        quiet = {"stdout": subprocess.DEVNULL, "cwd": "/", "check": True, **user}
        words = ("-A", "trust", "-U", "grader", "--no-sync", "-E", "UTF8", "--locale=C")
        subprocess.run([programs / "initdb", "-D", data, *words], **quiet)
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
        control = [programs / "pg_ctl", "-D", data, "-l", str(folder / "log"), "-w"]
        subprocess.run([*control, "-o", options, "start"], **quiet)
        try:
            yield f"postgresql://grader@/{{}}?host={folder}"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], **quiet)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
