"""The options that say which gradebook a command works on, declared once for all commands."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.errors import UserError

DEFAULT = "gradebook.db"


def add_results(parser: argparse.ArgumentParser, what: str = "where results stand") -> None:
    """``--out``, the folder of gradebook, notebooks and pages, and ``--db``."""
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help=f"{what} (default: the course's folder)"
    )
    add_gradebook(parser, f"{DEFAULT} in --out")


def add_gradebook(parser: argparse.ArgumentParser, default: str = "the course's own") -> None:
    """``--db``, for commands whose other results go elsewhere."""
    parser.add_argument(
        "--db", metavar="URL", help=f"gradebook, any SQLAlchemy URL (default: {default})"
    )


def database(url: str | None, folder: Path) -> str:
    """URL of the gradebook: the one asked for, or nbgrader's own default in ``folder``."""
    return url or f"sqlite:///{(folder / DEFAULT).resolve().as_posix()}"


def existing(url: str | None, folder: Path, chapter: str = "CHAPTER") -> str:
    """As ``database``; UserError where a class has to be graded first."""
    if url is None and not (folder / DEFAULT).is_file():
        raise UserError(
            f"{folder / DEFAULT} is not there; grade a class first: "
            f"autograder grade {chapter} --submissions DIR"
        )
    return database(url, folder)
