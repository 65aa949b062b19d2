"""How fast each look draws while a whole show runs: a real `livedance run` with its window on a virtual display."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import numpy as np

from livedance.errors import ConfigError
from livedance.evaluation.show_process import BenchError, ShowProcess

SETTLE_S: Final = 10.0
"""Left out: the start, and the time in which a slow look finds its rate and size."""
START_S: Final = 40.0
PREFIX: Final = "livedance_show_processes_window_"


@dataclass(frozen=True, slots=True, kw_only=True)
class LookInShow:
    """What one look did in the window of a show."""

    look: str
    width_px: int
    height_px: int
    dancers: int
    fps: float
    """Pictures a second, median of those told once a second."""
    draw_p50_ms: float
    """From a pose to the picture in the window, without waiting for the display."""
    draw_p99_ms: float
    level: int
    """Row of `pace.LEVELS` at the end: 0 is full rate and size."""


def measure(look: str, size: tuple[int, int], dancers: int, seconds: float) -> LookInShow:
    """Run a show on the demo for `seconds` after it has settled; raises `BenchError` when its window says nothing."""
    options = [
        "--audio", "demo", "--play", "off", "--look", look, "--size", f"{size[0]}x{size[1]}", "--window",
        "--dancers", str(dancers), "--no-director", "--web", "127.0.0.1:0", "--osc", "off", "--osc-in", "off",
        "--seed", "1",
    ]  # fmt: skip
    with virtual_display(size) as display:
        env = {**os.environ, "DISPLAY": display, "LIVEDANCE_WEB__OPEN_BROWSER": "off"}
        env.pop("WAYLAND_DISPLAY", None)
        with ShowProcess(options, env) as show:
            url = str(show.wait_for("url", START_S))
            time.sleep(SETTLE_S)
            end = time.monotonic() + seconds
            told = []
            while time.monotonic() < end and show.is_running:
                told.append(figures(_metrics(url)))
                time.sleep(1.0)
    told = [values for values in told if "fps" in values]
    if not told:
        raise BenchError(f"the window told nothing; the show said: {' '.join(show.said[-3:])}")
    return LookInShow(
        look=look, width_px=size[0], height_px=size[1], dancers=dancers,
        fps=float(np.median([values["fps"] for values in told])),
        draw_p50_ms=float(np.median([values["draw_ms_p50"] for values in told])),
        draw_p99_ms=float(np.median([values["draw_ms_p99"] for values in told])),
        level=int(told[-1]["pace"]),
    )  # fmt: skip


def figures(metrics: str) -> dict[str, float]:
    """Return what a page of Prometheus metrics says about the window: name -> value."""
    lines = (line.split() for line in metrics.splitlines() if line.startswith(PREFIX))
    return {words[0].removeprefix(PREFIX): float(words[-1]) for words in lines if len(words) >= 2}


def _metrics(url: str) -> str:
    address = urlsplit(url)
    with urllib.request.urlopen(f"http://{address.netloc}/metrics", timeout=5.0) as answer:
        return str(answer.read().decode())


@contextmanager
def virtual_display(size: Sequence[int]) -> Iterator[str]:
    """Yield the name of a new X server's display that is a little larger than `size`; raises `ConfigError`."""
    if not shutil.which("Xvfb"):
        raise ConfigError("this bench needs Xvfb: apt-get install xvfb")
    read, write = os.pipe()
    screen = f"{size[0] + 64}x{size[1] + 64}x24"
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", screen, "-nolisten", "tcp", "-noreset"],
        pass_fds=(write,), stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    try:
        with os.fdopen(read) as pipe:
            number = pipe.readline().strip()
        if not number:
            raise ConfigError("Xvfb did not start: is another one in the way?")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait(10)
