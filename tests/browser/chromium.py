"""A small DevTools client: starts headless Chromium, opens a page, asks it things, takes pictures."""

from __future__ import annotations

import base64
import itertools
import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any, Self

import cv2
import numpy as np
from websockets.sync.client import ClientConnection, connect

FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--mute-audio",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
    "--disable-features=Translate,OptimizationHints,MediaRouter", "--remote-debugging-port=0", "--hide-scrollbars",
)  # fmt: skip
WEBGL = ("--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist")
"""Instead of no graphics card: a processor that pretends to be one."""
START_S = 30.0


def find() -> str | None:
    """Return the path of Chromium or Chrome, or None."""
    return next((p for name in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(name))), None)


class Page:
    """One tab. Every call waits for the answer; a page that does not answer raises `TimeoutError`."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._ids = itertools.count(1)
        self.events: list[dict[str, Any]] = []

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._ids)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv(timeout=20))
            if message.get("id") == number:
                assert "error" not in message, message
                return dict(message["result"])
            self.events.append(message)

    def evaluate(self, expression: str) -> Any:
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def wait_for(self, expression: str, timeout_s: float = 15.0) -> Any:
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            if value := self.evaluate(expression):
                return value
            time.sleep(0.05)
        raise TimeoutError(f"the page never said {expression}: {self.evaluate('livedance.stats()')}")

    def picture(self) -> np.ndarray:
        """Return what is shown, (H, W, 4) BGRA."""
        data = base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
        assert image is not None
        return image if image.shape[2] == 4 else cv2.cvtColor(image, cv2.COLOR_BGR2BGRA)

    def key(self, key: str, text: str = "") -> None:
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, text=text if kind == "keyDown" else "")

    def complaints(self) -> list[str]:
        """Return what the console has said so far (errors, refused content, exceptions)."""
        self.evaluate("1")
        found = []
        for event in self.events:
            params = event.get("params", {})
            if event.get("method") == "Runtime.exceptionThrown":
                found.append(str(params["exceptionDetails"]))
            elif event.get("method") == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
                found.append(params["entry"]["text"])
        return found


class Chromium:
    """A browser of its own, with an empty profile in `folder`; ends with the `with` block."""

    def __init__(self, folder: Path, *, width: int = 960, height: int = 540, webgl: bool = False) -> None:
        self._folder = folder
        flags = (*(flag for flag in FLAGS if flag != "--disable-gpu"), *WEBGL) if webgl else FLAGS
        self._process = subprocess.Popen(
            [str(find()), *flags, f"--window-size={width},{height}", f"--user-data-dir={folder}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._size = (width, height)
        self._sockets: list[ClientConnection] = []
        self._tabs: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(5)
        # After its end: a browser that still lives may take ten seconds to say goodbye to each.
        for socket in self._sockets:
            socket.close()

    def open(self, url: str, *, transparent: bool = False, script: str = "") -> Page:
        """Open `url` in a new tab of the browser's size; `script` runs before the page's own."""
        browser = Page(self._connect(self._browser_socket()))
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self._tabs.append(target)
        page = Page(self._connect(self._browser_socket().rsplit("/devtools/", 1)[0] + f"/devtools/page/{target}"))
        for domain in ("Runtime", "Log", "Page"):
            page.call(f"{domain}.enable")
        width, height = self._size
        page.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        if transparent:
            page.call("Emulation.setDefaultBackgroundColorOverride", color={"r": 0, "g": 0, "b": 0, "a": 0})
        if script:
            page.call("Page.addScriptToEvaluateOnNewDocument", source=script)
        page.call("Page.navigate", url=url)
        return page

    def close_tabs(self) -> None:
        """Close what was opened so far: a tab that nobody looks at still draws."""
        browser = Page(self._connect(self._browser_socket()))
        while self._tabs:
            browser.call("Target.closeTarget", targetId=self._tabs.pop())

    def _browser_socket(self) -> str:
        note = self._folder / "DevToolsActivePort"
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            lines = note.read_text().split() if note.exists() else []
            if len(lines) == 2:
                return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
            assert self._process.poll() is None, "Chromium ended before it answered"
            time.sleep(0.05)
        raise TimeoutError(f"Chromium did not open its port within {START_S:g} s")

    def _connect(self, address: str) -> ClientConnection:
        self._sockets.append(connect(address, max_size=64 << 20, compression=None))
        return self._sockets[-1]
