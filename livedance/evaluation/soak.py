"""A long show: does anything grow? Memory, threads and handles of every process, and the OSC rate, sampled for long."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from livedance.evaluation import report
from livedance.evaluation.kills import socket_url
from livedance.evaluation.listeners import OscListener, SocketListener
from livedance.evaluation.show_process import ShowProcess, cpu_s, family, rss_mb

SAMPLE_S: Final = 5.0
WARM_SHARE: Final = 0.2
"""Share of the run, from its start, that is left out: caches fill."""
LATE_SHARE: Final = 2 / 3
"""Allocators go on taking pages for a quarter of an hour; what still grows after this share of the run is growth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """One process over the run."""

    role: str
    cpu_percent: float
    rss_mb: float
    """At the end."""
    rss_mb_per_h: float
    """Least-squares slope after the warm-up."""
    late_mb_per_h: float
    """The same over the last third of the run."""
    threads: tuple[int, int]
    """After the warm-up, at the end."""
    handles: tuple[int, int]
    samples: int


@dataclass(slots=True)
class _Track:
    times_s: list[float]
    rss: list[float]
    threads: list[int]
    handles: list[int]
    cpu: list[float]


def run(minutes: float, clients: int, out: Path | None, progress: Callable[[int], Iterable[int]]) -> list[Growth]:
    """Run the demo show for `minutes` with `clients` viewers and write the report, if one is wanted."""
    osc = OscListener()
    options = ["--audio", "demo", "--play", "off", "--no-window", "--web", "127.0.0.1:0", "--osc-in", "off"]
    tracks: dict[int, _Track] = {}
    roles: dict[int, str] = {}
    try:
        with ShowProcess([*options, "--osc", f"default=127.0.0.1:{osc.port}", "--seed", "1"]) as show:
            show.wait_for("beat", 30.0)
            url = socket_url(show.wait_for("url", 10.0))
            viewers = [SocketListener(url, want=("score",), keep=0) for _ in range(clients)]
            for _ in progress(int(minutes * 60 / SAMPLE_S)):
                time.sleep(SAMPLE_S)
                roles |= family(show.pid)
                for pid in family(show.pid):
                    _sample(tracks.setdefault(pid, _Track([], [], [], [], [])), pid)
            rate_hz, longest_s = osc.rhythm()
            for viewer in viewers:
                viewer.stop()
    finally:
        osc.stop()
    grown = [grown_of(roles[pid], track) for pid, track in tracks.items() if len(track.times_s) > 4]
    grown.sort(key=lambda g: g.role)
    head = ["process", "% of one core", "RSS MB", "slope MB/h", "last third MB/h", "threads", "handles"]
    rows = [
        [g.role, g.cpu_percent, g.rss_mb, g.rss_mb_per_h, g.late_mb_per_h, f"{g.threads[0]} → {g.threads[1]}",
         f"{g.handles[0]} → {g.handles[1]}"]
        for g in grown
    ]  # fmt: skip
    text = (
        f"`livedance bench soak`: the demo show for {minutes:g} minutes, {clients} score viewers, OSC at 60 Hz. The "
        f"first {100 * WARM_SHARE:.0f} % are left out of the slope. Allocators take pages for a quarter of an hour: "
        f"what grows in the last third is growth.\n\nOSC: {rate_hz:.2f} frames a second, longest "
        f"gap {1e3 * longest_s:.0f} ms. Processes that were restarted would show as more rows of one role."
    )
    data = {
        "minutes": minutes,
        "clients": clients,
        "osc_hz": rate_hz,
        "osc_longest_gap_s": longest_s,
        "processes": grown,
    }
    report.write(out, "A long show", text, data, [report.table(head, rows)])
    return grown


def grown_of(role: str, track: _Track) -> Growth:
    """Return what one process's samples say."""
    first = int(WARM_SHARE * len(track.times_s))
    span_s = track.times_s[-1] - track.times_s[first]
    return Growth(
        role=role,
        cpu_percent=100.0 * (track.cpu[-1] - track.cpu[first]) / span_s,
        rss_mb=track.rss[-1],
        rss_mb_per_h=_slope_per_h(track, WARM_SHARE),
        late_mb_per_h=_slope_per_h(track, LATE_SHARE),
        threads=(track.threads[first], track.threads[-1]),
        handles=(track.handles[first], track.handles[-1]),
        samples=len(track.times_s) - first,
    )


def _slope_per_h(track: _Track, from_share: float) -> float:
    """Return how fast the memory grew, MB an hour, from this share of the samples on."""
    first = min(int(from_share * len(track.times_s)), len(track.times_s) - 2)
    times = np.array(track.times_s[first:])
    return float(np.polyfit(times - times[0], track.rss[first:], 1)[0]) * 3_600.0


def _sample(track: _Track, pid: int) -> None:
    try:
        threads = len(list(Path(f"/proc/{pid}/task").iterdir()))
        handles = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    except OSError:
        return
    track.times_s.append(time.monotonic())
    track.rss.append(rss_mb(pid))
    track.threads.append(threads)
    track.handles.append(handles)
    track.cpu.append(cpu_s(pid))
