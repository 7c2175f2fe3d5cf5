"""One batch at a time: on a gradebook, and on a folder of results.

A lock is the operating system's or the database's own, never a guess from a process number: it ends
with the process that holds it, however that ends, so there is none to be cleared away after a crash.
Beside it stands who holds it, for whoever is refused.
"""

from __future__ import annotations

import contextlib
import datetime
import getpass
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import sqlalchemy as sql

from autograder.errors import UserError

_ADVISORY = 0x756E726F6C6C6564
"""The number of our lock among those of a PostgreSQL database."""
_HOLDER_SIZE = 4096
_TIME = "%d %B %Y, %H:%M:%S %Z"


@contextlib.contextmanager
def only_writer(what: str, folder: Path) -> Iterator[None]:
    """Hold a folder of results alone; UserError, as ``only_batch``, where a batch is at work there."""
    with _file_lock(folder / ".autograder.lock", _holder(what), str(folder)):
        yield


@contextlib.contextmanager
def only_batch(what: str, out: Path, db_url: str) -> Iterator[None]:
    """Hold the folder of results and the gradebook; ``what`` tells others what holds them.

    Raises UserError at once, with who holds it since when, where another batch does.
    """
    holder = _holder(what)
    url = sql.make_url(db_url)
    with contextlib.ExitStack() as held:
        held.enter_context(_file_lock(out / ".autograder.lock", holder, str(out)))
        if url.get_backend_name() == "postgresql":
            held.enter_context(_advisory_lock(url, holder))
        elif (file := _sqlite_file(url)) is not None:
            held.enter_context(_file_lock(file.with_name(f".{file.name}.lock"), holder, str(file)))
        yield


def _holder(what: str) -> str:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in some containers
        user = str(os.getuid()) if hasattr(os, "getuid") else "somebody"
    since = datetime.datetime.now(datetime.UTC).strftime(_TIME)
    about = {"what": what, "user": user, "host": socket.gethostname(), "process": os.getpid()}
    return json.dumps({**about, "since": since})


def _refusal(name: str, who: str) -> UserError:
    return UserError(
        f"another batch is writing to {name}: {who or 'it has not said yet who it is'}. Wait until it has ended, or stop it there, and "
        "run this command again. Nothing was changed and nothing is lost"
    )


def _sqlite_file(url: sql.URL) -> Path | None:
    """The file of an SQLite database; None where it has none."""
    name = url.database
    if url.get_backend_name() != "sqlite" or not name or name == ":memory:":
        return None
    return Path(name.removeprefix("file:").partition("?")[0]).resolve()


@contextlib.contextmanager
def _file_lock(path: Path, holder: str, name: str) -> Iterator[None]:
    # the file stays: whoever removed it could remove one that another batch has just locked
    try:
        stream = open(path, "a+", encoding="utf-8")
    except OSError as error:
        raise UserError(
            f"{path} cannot be written: {error.strerror}; see to the rights of its folder, or choose "
            "another one with --out and --db"
        ) from error
    with stream:
        try:
            taken = _take(stream)
        except OSError as error:
            raise UserError(
                f"{path} cannot be locked: {error.strerror}; its disk has no locks, so choose "
                "another one with --out and --db"
            ) from error
        if not taken:
            stream.seek(0)
            try:
                about = json.loads(stream.read(_HOLDER_SIZE))
                who = "`{what}`, process {process} of {user} on {host}, since {since}".format(
                    **about
                )
            except (ValueError, KeyError, TypeError):
                who = ""  # it has just begun
            raise _refusal(name, who)
        # on a full disk nobody can be told who holds it; it is held all the same
        with contextlib.suppress(OSError):
            stream.truncate(0)
            stream.write(holder)
            stream.flush()
        yield


def _take(stream: IO[str]) -> bool:
    """Lock an open file for as long as it is open; False where another process has it."""
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        # far behind what is written, which others want to read
        stream.seek(1 << 20)
        try:
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        stream.seek(0)
        return True
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def _advisory_lock(url: sql.URL, holder: str) -> Iterator[None]:
    about = json.loads(holder)
    about["what"] = about["what"].removeprefix("autograder ")
    engine = sql.create_engine(url, poolclass=sql.pool.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        # the server tells a connection's name, of 63 letters, to whoever asks who holds a lock
        name = "autograder {what}: {process} of {user} on {host}".format(**about)[:63]
        connection.execute(sql.select(sql.func.set_config("application_name", name, False)))
        taken = connection.execute(sql.select(sql.func.pg_try_advisory_lock(_ADVISORY))).scalar()
        if not taken:
            row = connection.execute(
                sql.text(
                    "SELECT application_name, backend_start FROM pg_locks JOIN pg_stat_activity "
                    "USING (pid) WHERE locktype = 'advisory' AND granted AND database = "
                    "(SELECT oid FROM pg_database WHERE datname = current_database()) AND "
                    "classid = :high AND objid = :low"
                ),
                {"high": _ADVISORY >> 32, "low": _ADVISORY & 0xFFFFFFFF},
            ).first()
            who = f"{row[0]}, since {row[1]:{_TIME}}" if row and row[0] and row[1] else ""
            raise _refusal(url.render_as_string(hide_password=True), who)
        # the lock is the connection's: it ends with this process, or with the server
        yield
