"""What a whole show costs and how fast it is there: processor share and memory of each process, first sounds and poses.

The show hears a track through the rig's microphone; OSC and browsers (or score clients in their place) are served. The
share is what livedance's own processes use, in per cent of one core; browsers are counted apart.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livedance.errors import ConfigError
from livedance.evaluation import report
from livedance.evaluation.clicks import as_written, write_wav
from livedance.evaluation.listeners import OscListener, SocketListener
from livedance.evaluation.pulse_rig import PulseRig
from livedance.evaluation.show_process import ShowProcess, cpu_s, family, rss_mb
from livedance.evaluation.sync import Track, socket_url, token_of

Array = NDArray[np.floating]

SETTLE_S: Final = 6.0
"""Left out of processor shares and memory slopes."""
SAMPLE_S: Final = 1.0
AFTER_S: Final = 6.0
"""Silence after the track."""
REST_S: Final = 1.0
IDLE_SHARE: Final = 0.35
"""Under this part of the dance's mean speed a dancer idles."""
PAGE_WANTS: Final = ("score", "levels", "stats")
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessLoad:
    """One process over the measured time."""

    role: str
    cpu_percent: float
    """Of one core."""
    rss_mb: float
    rss_mb_per_h: float
    """Slope of a straight line through the samples."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Starts:
    """Seconds between events; NaN where one did not happen."""

    command_to_page_s: float
    command_to_osc_s: float
    socket_to_window_s: float
    """A viewer connects until it has motion to play."""
    sound_to_dance_s: float
    """First sound heard until the body moves as in the dance."""
    silence_to_idle_s: float


def run(*, track: Track, clients: int, real_browsers: bool, out: Path | None) -> tuple[list[ProcessLoad], Starts]:
    """Measure one show and write the report, if one is wanted."""
    with tempfile.TemporaryDirectory() as folder, PulseRig() as rig:
        path = Path(folder) / "track.wav"
        write_wav(path, track.samples)
        osc = OscListener()
        options = ["--audio", "mic", "--web", "127.0.0.1:0", "--osc", f"default=127.0.0.1:{osc.port}",
                   "--osc-in", "off", "--no-window", "--seed", "1"]  # fmt: skip
        with ShowProcess(options, rig.env) as show:
            url = show.wait_for("url", 20.0)
            viewers = Viewers(url, clients, real_browsers)
            page_s = show.first_s[("url", url)] - show.started_s
            time.sleep(2.0)
            asked_s = rig.play(path)
            samples = _sample(show, track.seconds)
            time.sleep(AFTER_S)
            viewers.stop()
        osc.stop()
        sounds = np.array([0.0, _last_sound_s(track.samples)])
        first_s, last_s = rig.listener.heard_s(asked_s, as_written(track.samples), sounds)
    times, poses = osc.poses()
    starts = Starts(
        command_to_page_s=page_s,
        command_to_osc_s=(osc.first_time() or float("nan")) - show.started_s,
        socket_to_window_s=viewers.first_window_s,
        sound_to_dance_s=dance_begins_s(times, poses, first_s + _first_sound_s(track.samples), last_s),
        silence_to_idle_s=dance_ends_s(times, poses, first_s, last_s),
    )
    loads = summarise(samples)
    _write(loads, starts, viewers, track, out)
    return loads, starts


class Viewers:
    """Pages in headless browsers, or clients that ask for what a page asks for."""

    def __init__(self, url: str, count: int, real: bool) -> None:
        browser = next((b for b in BROWSERS if shutil.which(b)), None) if real else None
        if real and browser is None:
            raise ConfigError("no Chromium was found for --browsers; leave it out for score clients")
        self.kind = f"{count} headless Chromium pages" if browser else f"{count} score clients"
        self._first = SocketListener(socket_url(url), PAGE_WANTS, token_of(url))
        self._clients = [SocketListener(socket_url(url), PAGE_WANTS, token_of(url)) for _ in range(count - 1)]
        self._folder = tempfile.mkdtemp(prefix="ld-pages-")
        self._pages = [self._page(browser, url, n) for n in range(count)] if browser else []

    def _page(self, browser: str, url: str, number: int) -> subprocess.Popen[bytes]:
        words = [browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--mute-audio", "--window-size=640,360",
                 f"--user-data-dir={self._folder}/{number}", url]  # fmt: skip
        return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    @property
    def first_window_s(self) -> float:
        """Return the seconds from a client's connection to its first window of motion."""
        found = self._first.first_window_s()
        return float("nan") if found is None or self._first.connected_s is None else found - self._first.connected_s

    def stop(self) -> None:
        """Let everybody leave."""
        for client in [self._first, *self._clients]:
            client.stop()
        for page in self._pages:
            page.terminate()
            page.wait(10)
        shutil.rmtree(self._folder, ignore_errors=True)


def dance_begins_s(times: Array, poses: Array, sound_s: float, end_s: float) -> float:
    """Return the seconds from the first sound until the mean joint speed first reaches that of the dance."""
    at, speed = _speed(times, poses)
    dancing = (at > sound_s + 4.0) & (at < end_s)
    if not dancing.any():
        return float("nan")
    moves = (at > sound_s) & (speed > 0.6 * np.median(speed[dancing]))
    return float(at[moves][0] - sound_s) if moves.any() else float("nan")


def dance_ends_s(times: Array, poses: Array, sound_s: float, silence_s: float) -> float:
    """Return the seconds from the last sound until the body rests for `REST_S`: slower than `IDLE_SHARE` of the dance.

    Later it may move again: whoever waits stretches, looks round and steps.
    """
    at, speed = _speed(times, poses)
    dancing = (at > sound_s + 4.0) & (at < silence_s)
    if not dancing.any():
        return float("nan")
    fast = at[(at > silence_s) & (speed > IDLE_SHARE * speed[dancing].mean())]
    rests = np.diff(np.append(fast, np.inf)) >= REST_S
    return float(fast[rests][0] - silence_s) if len(fast) else 0.0


def summarise(samples: Sequence[tuple[float, dict[int, tuple[str, float, float]]]]) -> list[ProcessLoad]:
    """Return the load of each role from (time, pid -> (role, processor seconds, MB)) samples, and their sum."""
    kept = [s for s in samples if s[0] >= samples[0][0] + SETTLE_S] or list(samples)
    roles = sorted({role for _, found in kept for role, _, _ in found.values()})
    times = np.array([t for t, _ in kept])
    loads = []
    for role in roles:
        cpu = np.array([sum(c for r, c, _ in found.values() if r == role) for _, found in kept])
        rss = np.array([sum(m for r, _, m in found.values() if r == role) for _, found in kept])
        slope = float(np.polyfit(times - times[0], rss, 1)[0] * 3600.0) if len(times) > 2 else 0.0
        share = float(100.0 * (cpu[-1] - cpu[0]) / max(1e-9, times[-1] - times[0]))
        loads.append(ProcessLoad(role=role, cpu_percent=share, rss_mb=float(rss[-1]), rss_mb_per_h=slope))
    names = ("cpu_percent", "rss_mb", "rss_mb_per_h")
    total = {name: float(sum(getattr(load, name) for load in loads)) for name in names}
    return [*loads, ProcessLoad(role="all", **total)]


def _sample(show: ShowProcess, seconds: float) -> list[tuple[float, dict[int, tuple[str, float, float]]]]:
    end = time.monotonic() + seconds
    samples = []
    while time.monotonic() < end and show.is_running:
        members = {pid: (role, cpu_s(pid), rss_mb(pid)) for pid, role in family(show.pid).items()}
        samples.append((time.monotonic(), members))
        time.sleep(SAMPLE_S)
    return samples


def _speed(times: Array, poses: Array, window_s: float = 0.25) -> tuple[Array, Array]:
    """Return (times, mean joint speed) over steps of `window_s`."""
    if len(times) < 8:
        return np.zeros(1), np.zeros(1)
    grid = np.arange(times[0], times[-1], 1 / 60)
    read = np.stack([np.interp(grid, times, column) for column in poses.reshape(len(poses), -1).T], axis=1)
    steps = np.linalg.norm(np.diff(read.reshape(len(grid), -1, 3), axis=0), axis=-1).mean(axis=1) * 60
    n = max(1, round(window_s * 60))
    return grid[1:], np.convolve(steps, np.ones(n) / n, mode="same")


def _first_sound_s(samples: NDArray[np.float32]) -> float:
    return float(np.flatnonzero(np.abs(samples) > 0.01)[0]) / 44_100


def _last_sound_s(samples: NDArray[np.float32]) -> float:
    return float(np.flatnonzero(np.abs(samples) > 0.01)[-1]) / 44_100


def _write(loads: Sequence[ProcessLoad], starts: Starts, viewers: Viewers, track: Track, out: Path | None) -> None:
    cells: list[list[Any]] = [[x.role, x.cpu_percent, x.rss_mb, x.rss_mb_per_h] for x in loads]
    times: list[list[Any]] = [
        [name.removesuffix("_s").replace("_", " "), getattr(starts, name)] for name in Starts.__slots__
    ]
    explanation = (
        f"`livedance bench show`: {track.seconds:.0f} s of {track.name} through a PulseAudio null sink and PyAudio, "
        f"OSC at 60 Hz, {viewers.kind}, no window, no images. Processor time is that of livedance's own processes, "
        f"from {SETTLE_S:g} s on. Goal: all ≤ 35 % of one core; first sound to dance ≤ 3 s; silence to idle ≤ 1.5 s."
    )
    tables = [
        report.table(["process", "% of one core", "RSS MB", "RSS slope MB/h"], cells),
        report.table(["from … to", "s"], times),
    ]
    report.write(out, "Load and start of a show", explanation, {"loads": list(loads), "starts": starts}, tables)
