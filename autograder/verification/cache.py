"""Keeps what verification found, by a hash of everything that it depends on.

The packages' own code and the versions of what they use are part of every hash, so a result is
never older than what made it. Removing the folder costs time and nothing else.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import platform
import time
from pathlib import Path
from typing import Any

FOLDER = ".autograder_cache"
_KEPT_DAYS = 60
_VERSIONS = ("numpy", "torch", "matplotlib", "msgpack", "ipython")
_PACKAGE = Path(__file__).resolve().parent.parent
_TRIALS = ("course.py", "errors.py", "authoring/reference.py", "authoring/given.py")


class Cache:
    """Results in ``.autograder_cache/`` below the course's folder.

    force: find nothing, so that everything is run again and kept anew.
    """

    def __init__(self, root: Path, *, force: bool = False):
        self.folder = root / FOLDER / "verify"
        self.force = force

    def get(self, key: str) -> dict[str, Any] | None:
        if self.force:
            return None
        path = self.folder / f"{key}.json"
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            os.utime(path)
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def put(self, key: str, value: dict[str, Any]) -> None:
        """Keep a result; a folder that cannot be written to is no error."""
        path = self.folder / f"{key}.json"
        temporary = path.with_suffix(f".{os.getpid()}")
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            temporary.write_text(json.dumps(value), encoding="utf-8")
            os.replace(temporary, path)

    def forget_old(self) -> None:
        """Remove what no run has asked for in two months."""
        oldest = time.time() - _KEPT_DAYS * 86400
        for path in self.folder.glob("*"):
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < oldest:
                    path.unlink()


def key(kind: str, *parts: str | None, grader: bool) -> str:
    """The hash of a result that depends on these texts, in this order.

    grader: whether the grader's code made it, too.
    """
    digest = hashlib.sha256(_code(grader).encode())
    for part in (kind, *parts):
        text = "\0none" if part is None else part
        data = text.encode("utf-8", "surrogatepass")
        digest.update(f"{len(data)}:".encode() + data)
    return digest.hexdigest()[:40]


@functools.cache
def _code(grader: bool) -> str:
    files = [_PACKAGE / name for name in _TRIALS]
    files += sorted((_PACKAGE / "verification").glob("*.py"))
    if grader:
        files += sorted((_PACKAGE / "grading").rglob("*.py"))
    toolbox = importlib.util.find_spec("unrolled").submodule_search_locations
    for folder in toolbox:
        files += sorted(
            path
            for path in Path(folder).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        )
    digest = hashlib.sha256(platform.python_version().encode())
    for name in _VERSIONS:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            digest.update(f"{name} {importlib.metadata.version(name)}\n".encode())
    for path in files:
        digest.update(f"{path.name}\n".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
