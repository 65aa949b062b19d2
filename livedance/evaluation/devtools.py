"""A headless Chromium that is asked about itself while it shows a page: the DevTools protocol, as little as we need."""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from websockets.sync.client import connect

from livedance.errors import ConfigError
from livedance.evaluation.show_process import BenchError

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
FLAGS: Final = (
    "--headless=new", "--no-sandbox", "--no-first-run", "--mute-audio", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-extensions", "--remote-debugging-port=0",
    "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist",
)  # fmt: skip
"""Without a graphics card the processor draws."""
START_S: Final = 30.0
ANSWER_S: Final = 60.0


class ShownPage:
    """One page in a browser of its own. Use as a context; the browser ends with it. One thread."""

    def __init__(self, url: str, width_px: int, height_px: int) -> None:
        browser = next((b for b in BROWSERS if shutil.which(b)), None)
        if browser is None:
            raise ConfigError("no Chromium was found: install chromium")
        self._folder = tempfile.mkdtemp(prefix="ld-page-")
        words = [browser, *FLAGS, f"--window-size={width_px},{height_px}", f"--user-data-dir={self._folder}", url]
        self._process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._ids = itertools.count(1)

    def __enter__(self) -> ShownPage:
        try:
            self._socket = connect(self._address(), max_size=64 << 20, compression=None)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()
        self.close()

    @property
    def pid(self) -> int:
        """The browser's process id."""
        return self._process.pid

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Return the answer of the page; raises `BenchError` where there is none."""
        number = next(self._ids)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        end = time.monotonic() + ANSWER_S
        while (left := end - time.monotonic()) > 0:
            try:
                message = json.loads(self._socket.recv(timeout=left))
            except TimeoutError:
                break
            if message.get("id") == number:
                if "error" in message:
                    raise BenchError(f"the page refused {method}: {message['error'].get('message')}")
                return dict(message["result"])
        raise BenchError(f"the page did not answer {method} within {ANSWER_S:g} s")

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression in the page."""
        return self.ask("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def close(self) -> None:
        """End the browser."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _address(self) -> str:
        """Return the address at which the page answers, as soon as the browser has one."""
        note = Path(self._folder) / "DevToolsActivePort"
        end = time.monotonic() + START_S
        while time.monotonic() < end and self._process.poll() is None:
            lines = note.read_text().split() if note.exists() else []
            if len(lines) == 2 and (found := self._page_of(f"ws://127.0.0.1:{lines[0]}", lines[1])):
                return found
            time.sleep(0.1)
        raise BenchError(f"Chromium did not show the page within {START_S:g} s")

    def _page_of(self, base: str, path: str) -> str | None:
        with connect(base + path, compression=None) as socket:
            socket.send(json.dumps({"id": 1, "method": "Target.getTargets"}))
            while (message := json.loads(socket.recv(timeout=START_S))).get("id") != 1:
                pass
        pages = [t for t in message["result"]["targetInfos"] if t["type"] == "page" and t["url"].startswith("http")]
        return f"{base}/devtools/page/{pages[0]['targetId']}" if pages else None
