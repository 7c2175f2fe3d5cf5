"""What cells show, captured as nbformat outputs within limits. Runs in the student's process."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher

TRUNCATED = "\n[more output is left out: it is longer than {limit:,} bytes]\n"


class Outputs:
    """The outputs of the running cell, in order; what exceeds the limits is dropped and marked."""

    def __init__(self, cell_limit: int, notebook_limit: int):
        self.cell_limit = cell_limit
        self.notebook_left = notebook_limit
        self.start()

    def start(self) -> None:
        """Forget the last cell."""
        self.items: list[dict[str, Any]] = []
        self.shown: dict[str, list[dict[str, Any]]] = {}
        self.limit = self.left = min(self.cell_limit, max(0, self.notebook_left))
        self.truncated = False
        self._clear_next = False
        self._parts: list[str] = []

    def finish(self) -> list[dict[str, Any]]:
        """The cell's outputs as nbformat 4 dicts."""
        self._join()
        self.notebook_left -= self.limit - self.left
        return self.items

    def _join(self) -> None:
        if self._parts:
            self.items[-1]["text"] = "".join(self._parts)
            self._parts = []

    def _take(self, size: int) -> bool:
        """Whether this much may still be shown; marks the place where it first may not."""
        if self.truncated:
            return False
        if size <= self.left:
            self.left -= size
            return True
        self.truncated = True
        self._join()
        text = TRUNCATED.format(limit=self.limit)
        self.items.append({"output_type": "stream", "name": "stderr", "text": text})
        return False

    def _before(self) -> None:
        if self._clear_next:
            self._clear_next = False
            self.items, self._parts, self.shown = [], [], {}

    def write(self, name: str, text: str) -> None:
        """Text on ``stdout`` or ``stderr``."""
        if not text or self.truncated:
            return
        self._before()
        room = max(0, self.left)
        part = text if len(text) <= room else text[:room]
        size = len(part.encode("utf-8", "replace"))
        if size > room:  # letters of several bytes
            part = part.encode("utf-8", "replace")[:room].decode("utf-8", "ignore")
            size = room
        if part:
            if not self._parts:
                self.items.append({"output_type": "stream", "name": name, "text": ""})
            elif self.items[-1]["name"] != name:
                self._join()
                self.items.append({"output_type": "stream", "name": name, "text": ""})
            self._parts.append(part)
            self.left -= size
        if len(part) < len(text):
            self._take(self.left + 1)

    def add(self, output: dict[str, Any], display_id: str | None = None) -> None:
        """A display, a result or an error."""
        self._before()
        self._join()
        if self._take(_size(output)):
            self.items.append(output)
            if display_id is not None:
                self.shown.setdefault(display_id, []).append(output)

    def update(self, display_id: str, data: dict, metadata: dict) -> None:
        """New content for what was displayed under this id in this cell."""
        if self._take(_size(data)):
            for output in self.shown.get(display_id, []):
                output["data"], output["metadata"] = data, metadata

    def clear(self, wait: bool) -> None:
        self._clear_next = True
        if not wait:
            self._before()


def _size(value: Any) -> int:
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, dict):
        return sum(len(key) + _size(part) for key, part in value.items())
    if isinstance(value, list):
        return sum(_size(part) + 1 for part in value)
    return 8


def _bundle(data: Any) -> dict[str, Any]:
    """A MIME bundle in which every value is text or JSON."""
    bundle = {}
    for kind, value in dict(data or {}).items():
        if isinstance(value, bytes):
            value = base64.b64encode(value).decode()
        elif not isinstance(value, str):
            value = json.loads(json.dumps(value, default=repr))
        bundle[str(kind)] = value
    return bundle


class Stream(io.TextIOBase):
    """``sys.stdout`` and ``sys.stderr`` of a notebook."""

    encoding = "utf-8"

    def __init__(self, outputs: Outputs, name: str):
        self._outputs = outputs
        self._name = name

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._outputs.write(self._name, text)
        return len(text)


class Publisher(DisplayPublisher):
    """``display(…)``."""

    outputs: Outputs

    def publish(
        self, data, metadata=None, source=None, *, transient=None, update=False, **kwargs
    ) -> None:
        data, metadata = _bundle(data), _bundle(metadata)
        display_id = (transient or {}).get("display_id")
        if update:
            self.outputs.update(display_id, data, metadata)
            return
        output = {"output_type": "display_data", "data": data, "metadata": metadata}
        self.outputs.add(output, display_id)

    def clear_output(self, wait=False) -> None:
        self.outputs.clear(wait)


class ResultHook(DisplayHook):
    """The value of a cell's last expression."""

    outputs: Outputs
    count: int = 0
    """The running cell's execution count (the shell is one ahead while a cell runs)."""

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict, md_dict=None) -> None:
        self.outputs.add(
            {
                "output_type": "execute_result",
                "data": _bundle(format_dict),
                "metadata": _bundle(md_dict),
                "execution_count": self.count,
            }
        )

    def finish_displayhook(self) -> None:
        pass

    def log_output(self, format_dict) -> None:
        pass  # the base class keeps every result in the history
