"""nbgrader's gradebook: made, checked, opened, and what a database complains of put into sentences.

A gradebook is made whole or not at all, and one that this nbgrader would not understand (made by
an older or a newer one, or no gradebook at all) is refused before anything is written to it.
"""

from __future__ import annotations

import contextlib
import functools
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sql
from traitlets.config import Config

from autograder.errors import UserError
from autograder.grading.gradebook_options import database

PATIENCE = 60
"""Seconds to wait for another program, such as formgrader, that is writing to an SQLite file."""

# what databases say, the commonest matters only, and what to do about it
_REMEDIES = (
    (
        ("file is not a database", "malformed"),
        "it is no SQLite database, or a damaged one; put a good copy in its place, or name another "
        "gradebook with --db",
    ),
    (
        ("readonly", "read-only", "permission denied"),
        "it may not be written to; see to the rights of the file and its folder, or name another "
        "gradebook with --db",
    ),
    (
        ("is full", "no space left", "could not extend"),
        "make room on its disk and run the same command again; what was graded is kept",
    ),
    (
        ("is locked",),
        "another program is writing to it, formgrader or nbgrader perhaps; end that and run the "
        "same command again; what was graded is kept",
    ),
    (
        ("disk i/o error",),
        "see to its disk and run the same command again; what was graded is kept",
    ),
    (
        ("unable to open",),
        "its folder is missing or closed to you; make it, or name another gradebook with --db",
    ),
    (
        ("connection", "could not translate", "failed to resolve", "terminat"),
        "see that the server runs and that --db names it rightly, and run the same command again; "
        "what was graded is kept",
    ),
)
# nbgrader's tables have no index for these, so that each look-up would read the whole table
_INDEXES = (
    ("grade", "notebook_id"),
    ("comment", "notebook_id"),
    ("submitted_notebook", "assignment_id"),
    ("submitted_assignment", "student_id"),
)


def default_db(out: Path) -> str:
    """nbgrader's own default: ``gradebook.db`` in the course's folder."""
    return database(None, out)


def shown(db_url: str) -> str:
    """A URL as people may read it: without its password."""
    return sql.make_url(db_url).render_as_string(hide_password=True)


def open_gradebook(db_url: str, config: Config) -> Any:
    """nbgrader's Gradebook at ``db_url``, made where there is none.

    Raises UserError where the database is no gradebook of this nbgrader, and what SQLAlchemy raises
    where it cannot be had; see ``database_errors``.
    """
    from nbgrader.api import Gradebook

    url = sql.make_url(db_url)
    if url.get_backend_name() == "sqlite" and "timeout" not in url.query:
        url = url.update_query_dict({"timeout": str(PATIENCE)})
    _make_or_check(url)
    course_id = config.CourseDirectory.get("course_id", "default_course")
    log = logging.getLogger("tornado.application")
    level = log.level
    log.setLevel(logging.CRITICAL)  # nbgrader logs what it raises too, with a traceback
    try:
        return Gradebook(url.render_as_string(hide_password=False), course_id)
    finally:
        log.setLevel(level)


def add_indexes(gradebook: Any) -> None:
    """Let the time that a submission takes not grow with the class."""
    if gradebook.engine.dialect.name not in ("sqlite", "postgresql"):
        return  # others have no `if not exists` for an index
    with gradebook.engine.begin() as connection:
        for table, column in _INDEXES:
            connection.exec_driver_sql(
                f"CREATE INDEX IF NOT EXISTS autograder_{table}_{column} ON {table} ({column})"
            )


@contextlib.contextmanager
def database_errors(db_url: str) -> Iterator[None]:
    """Turn what a database raises into a sentence that names it, without its password."""
    try:
        yield
    except (sql.exc.NoSuchModuleError, ModuleNotFoundError) as error:
        raise UserError(f"the driver for this gradebook is not installed: {error}") from error
    except sql.exc.ArgumentError as error:
        raise UserError("--db wants an SQLAlchemy URL, like sqlite:////tmp/g.db") from error
    except Exception as error:
        found = _database_error(error)
        if found is None:
            raise
        said = str(found.orig).strip()
        remedy = next(
            (what for words, what in _REMEDIES if any(word in said.lower() for word in words)), None
        )
        raise UserError(
            f"the gradebook {shown(db_url)} refused: {said}" + (f" ({remedy})" if remedy else "")
        ) from error


def _database_error(error: BaseException | None) -> sql.exc.DBAPIError | None:
    """What the database raised, where nbgrader raises an error of its own in its place."""
    while error is not None and not isinstance(error, sql.exc.DBAPIError):
        if isinstance(error, UserError):
            return None
        error = error.__context__
    return error


def _make_or_check(url: sql.URL) -> None:
    engine = sql.create_engine(url, poolclass=sql.pool.NullPool)
    with engine.connect() as connection:
        tables = set(sql.inspect(connection).get_table_names())
        if not tables:
            _make(connection)
        else:
            _check(connection, tables, url.render_as_string(hide_password=True))


def _make(connection: sql.Connection) -> None:
    """All of nbgrader's tables and its version in one transaction: a stop leaves none of them."""
    from nbgrader.api import Base

    if connection.dialect.name == "sqlite":
        # Python's driver would else put each table into a transaction of its own
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        if sql.inspect(connection).get_table_names():
            connection.rollback()  # somebody else has just made it
            return
    Base.metadata.create_all(connection)
    connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    _stamp(connection)
    connection.commit()


def _check(connection: sql.Connection, tables: set[str], name: str) -> None:
    """UserError with what to do where these tables are not what this nbgrader works with."""
    from nbgrader.api import Base

    if not tables & {"grade", "submitted_assignment", "assignment"}:
        some = ", ".join(sorted(tables)[:3])
        raise UserError(
            f"{name} is a database of something else (its tables: {some}); name a gradebook or an "
            "empty database with --db"
        )
    known = _revisions()
    found = None
    if "alembic_version" in tables:
        found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    if found == known[0]:
        return
    upgrade = (
        f"bring it up to date with `nbgrader db upgrade --CourseDirectory.db_url={name}`, which "
        "keeps a copy of an SQLite file, and run this command again. Nothing was changed"
    )
    if found is None:
        here = sql.inspect(connection)
        complete = all(
            table.name in tables
            and {c.name for c in table.columns} <= {c["name"] for c in here.get_columns(table.name)}
            for table in Base.metadata.sorted_tables
        )
        if not complete:
            raise UserError(f"the gradebook {name} is from an old version of nbgrader; {upgrade}")
        # nbgrader was stopped after it had made the tables and before it said which they are
        if "alembic_version" not in tables:
            connection.exec_driver_sql(
                "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"
            )
        _stamp(connection)
        connection.commit()
    elif found in known:
        raise UserError(
            f"the gradebook {name} is from an older version of nbgrader (revision {found}, this one "
            f"has {known[0]}); {upgrade}"
        )
    else:
        raise UserError(
            f"the gradebook {name} is from another, newer version of nbgrader (revision {found}, "
            f"unknown here); grade with that version, or into a gradebook of its own with --db. "
            "Nothing was changed"
        )


def _stamp(connection: sql.Connection) -> None:
    statement = sql.text("INSERT INTO alembic_version (version_num) VALUES (:head)")
    connection.execute(statement, {"head": _revisions()[0]})


@functools.cache
def _revisions() -> tuple[str, ...]:
    """The versions of a gradebook that the nbgrader installed here knows, its own first."""
    from alembic.script import ScriptDirectory
    from nbgrader.dbutil import ALEMBIC_DIR

    return tuple(step.revision for step in ScriptDirectory(ALEMBIC_DIR).walk_revisions())
