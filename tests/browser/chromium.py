"""Drives Debian's Chromium over its own DevTools protocol, with the WebSocket client that Jupyter
needs anyway: nothing is downloaded and no driver of a fitting version is needed.

Every step waits until its condition holds, and fails with what it waited for. Clicks and keys are
the browser's own events, at the place where a person would click, so what is hidden or covered by
something else cannot be clicked.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any

import websocket

NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 60.0
# finds an element by selector and text, in the page and in the frames that it holds
_FIND = """
(selector, text) => {
  const shown = (element) => element.getClientRects().length > 0;
  const search = (page) => {
    for (const element of page.querySelectorAll(selector)) {
      if (shown(element) && (text === null || element.textContent.trim() === text)) return element;
    }
    for (const frame of page.querySelectorAll("iframe")) {
      const inside = shown(frame) && frame.contentDocument && search(frame.contentDocument);
      if (inside) return inside;
    }
    return null;
  };
  return search(document);
}
"""
# where to click an element: null until it stands still, in view and with nothing before it
_PLACE = """
(element) => {
  if (!element) return null;
  const before = element.getBoundingClientRect();
  element.scrollIntoView({block: "center", inline: "center"});
  const box = element.getBoundingClientRect();
  // a page that scrolls; a place between two pixels may be found anew each time
  if (Math.hypot(box.top - before.top, box.left - before.left) > 2) return null;
  // a link that goes over two lines has its middle between them
  const part = element.getClientRects()[0] || box;
  let x = part.left + part.width / 2, y = part.top + part.height / 2;
  const hit = element.ownerDocument.elementFromPoint(x, y);
  if (!hit || !(element.contains(hit) || hit.contains(element))) return null;
  for (let view = element.ownerDocument.defaultView; view.frameElement; view = view.parent) {
    const frame = view.frameElement, edge = frame.getBoundingClientRect();
    x += edge.left; y += edge.top;
    if (frame.ownerDocument.elementFromPoint(x, y) !== frame) return null;
  }
  return [x, y];
}
"""
_KEYS = {"ArrowRight": 39, "ArrowLeft": 37, "Tab": 9, "Enter": 13, "Escape": 27, "End": 35}


def executable() -> str | None:
    """The Chromium of this machine, or None."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Browser:
    """One page of a headless Chromium with a profile of its own."""

    def __init__(self, profile: Path, width: int = 1400, height: int = 1000):
        program = executable()
        assert program, "no Chromium"
        profile.mkdir(parents=True)
        self._log = open(profile / "chromium.log", "wb")
        self._process = subprocess.Popen(
            [
                program,
                "--headless=new",
                "--no-sandbox",  # it refuses to run as root otherwise, as in a container
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-extensions",
                "--disable-sync",
                "--no-first-run",
                # what a page fetches from the web (formgrader its MathJax) fails at once and always
                "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
                "--mute-audio",
                f"--window-size={width},{height}",
                f"--user-data-dir={profile}",
                "--remote-debugging-port=0",
                "about:blank",
            ],
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        try:
            self._socket = self._connect(profile / "DevToolsActivePort")
        except BaseException:
            self._end()
            raise
        self._count = 0
        self.errors: list[str] = []
        """What went wrong in pages without a person seeing it: uncaught exceptions."""
        self.call("Page.enable")
        self.call("Runtime.enable")
        # as in a window that a person looks at
        self.call("Emulation.setFocusEmulationEnabled", enabled=True)

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self._end()

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command of the DevTools protocol; returns its result."""
        self._count += 1
        wanted = self._count
        self._socket.send(json.dumps({"id": wanted, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("method") == "Runtime.exceptionThrown":
                details = answer["params"]["exceptionDetails"]
                text = details.get("exception", {}).get("description") or details["text"]
                self.errors.append(text)
            if answer.get("id") == wanted:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]

    def open(self, address: str) -> None:
        """Go to an address."""
        failed = self.call("Page.navigate", url=address).get("errorText")
        assert not failed, f"{address}: {failed}"

    def js(self, expression: str, *values: Any) -> Any:
        """Value of a JavaScript expression; with ``values``, of the function called with them.

        A promise is waited for. An exception is an AssertionError here.
        """
        if values:
            expression = f"({expression})({', '.join(json.dumps(value) for value in values)})"
        answer = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise AssertionError(details.get("exception", {}).get("description", details["text"]))
        return answer["result"].get("value")

    def until(self, expression: str, *values: Any, what: str, patience: float = PATIENCE) -> Any:
        """Wait until the expression is true, and return its value.

        A page that is being replaced cannot answer, so exceptions count as not yet.
        """
        deadline = time.monotonic() + patience
        problem = ""
        while True:
            try:
                if value := self.js(expression, *values):
                    return value
            except AssertionError as error:
                problem = f" ({error})"
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {patience:g} s for {what}{problem}\n{self.text()}")
            time.sleep(0.05)

    def text(self) -> str:
        """What a person reads on the page, its frames included."""
        return self.js(
            """(() => {
              const read = (page) => (page.body ? page.body.innerText : "") +
                [...page.querySelectorAll("iframe")].filter((f) => f.contentDocument)
                  .map((f) => read(f.contentDocument)).join("\\n");
              return read(document);
            })()"""
        )

    def wait_for(self, selector: str, text: str | None = None) -> None:
        """Wait until an element is shown; ``text`` is all that it says."""
        self.until(f"Boolean(({_FIND})({json.dumps(selector)}, {json.dumps(text)}))",
                   what=f"{selector} {text or ''}")  # fmt: skip

    def click(self, selector: str, text: str | None = None, times: int = 1) -> None:
        """Click an element where a person would, as soon as that is possible."""
        place = f"({_PLACE})(({_FIND})({json.dumps(selector)}, {json.dumps(text)}))"
        before = None
        while True:  # what still moves would be missed
            point = self.until(place, what=f"{selector} {text or ''} to be clicked")
            if before and max(abs(a - b) for a, b in zip(point, before, strict=True)) <= 2:
                break
            before = point
            self.js("new Promise((done) => setTimeout(() => requestAnimationFrame(done), 100))")
        x, y = point
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        for kind in ("mousePressed", "mouseReleased"):
            self.call(
                "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=times
            )

    def write(self, text: str) -> None:
        """Type a text into what has the focus."""
        self.call("Input.insertText", text=text)

    def press(self, key: str, times: int = 1) -> None:
        """Press a key that writes nothing."""
        for _ in range(times):
            for kind in ("rawKeyDown", "keyUp"):
                code = _KEYS[key]
                self.call(
                    "Input.dispatchKeyEvent",
                    type=kind,
                    key=key,
                    code=key,
                    windowsVirtualKeyCode=code,
                )

    def screenshot(self, path: Path) -> None:
        """Write what is seen now as a PNG."""
        data = self.call("Page.captureScreenshot", format="png")["data"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(data))

    def _connect(self, port_file: Path) -> websocket.WebSocket:
        deadline = time.monotonic() + PATIENCE
        while not (port_file.is_file() and len(port_file.read_text().splitlines()) == 2):
            assert self._process.poll() is None, Path(self._log.name).read_text(errors="replace")
            assert time.monotonic() < deadline, "Chromium did not start"
            time.sleep(0.05)
        port = port_file.read_text().splitlines()[0]
        while True:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=30) as answer:
                pages = [page for page in json.load(answer) if page["type"] == "page"]
            if pages:
                break
            assert time.monotonic() < deadline, "Chromium has no page"
            time.sleep(0.05)
        return websocket.create_connection(
            pages[0]["webSocketDebuggerUrl"], suppress_origin=True, timeout=2 * PATIENCE
        )

    def _end(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()
