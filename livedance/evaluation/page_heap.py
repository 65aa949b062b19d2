"""A page that shows for long: does its heap grow? What lives after a full collection, sampled for half an hour.

Counted are the objects of the page, the embedder's (DOM) and array buffers, where the score's windows lie. The company
stays the same, for every dancer takes memory; the scenes change all the time, and each sample is taken in the first.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from livedance.errors import ConfigError
from livedance.evaluation import report
from livedance.evaluation.devtools import ShownPage
from livedance.evaluation.show_process import BenchError, ShowProcess, family, rss_mb

SAMPLE_S: Final = 15.0
WARM_SHARE: Final = 0.2
LATE_SHARE: Final = 2 / 3
LEAST_SAMPLES: Final = 8
DANCE_S: Final = 30.0
FLAT_MB_PER_H: Final = 1.0
"""A heap that grows by less in the last third is called flat: a night of ten hours would add 10 MB."""
MODES: Final = ("3d", "2d")
DANCERS: Final = 3
SCENES: Final = (2, 3, 4, 5, 6, 7, 8, 9, 1)
"""Shown between two samples, in this order."""
ANSWER_S: Final = 3.0
PRESSES: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class HeapSample:
    """The page at one moment, after a full collection."""

    t_s: float
    heap_mb: float
    """Objects of the page."""
    dom_mb: float
    buffers_mb: float
    nodes: int
    listeners: int
    browser_mb: float
    """Resident memory of all processes of the browser."""
    fps: float
    """Pictures a second, by the page's own count."""

    @property
    def live_mb(self) -> float:
        """Everything that the page itself holds."""
        return self.heap_mb + self.dom_mb + self.buffers_mb


@dataclass(frozen=True, slots=True, kw_only=True)
class PageGrowth:
    """The page over the run."""

    mode: str
    minutes: float
    fps: float
    live_mb: float
    """At the end."""
    live_mb_per_h: float
    """Least-squares slope after the warm-up."""
    late_mb_per_h: float
    """The same over the last third."""
    nodes: tuple[int, int]
    """After the warm-up, at the end."""
    listeners: tuple[int, int]
    browser_mb: tuple[float, float]
    samples: int

    @property
    def is_flat(self) -> bool:
        """Whether nothing grows that would matter in a night."""
        return self.late_mb_per_h < FLAT_MB_PER_H


def run(
    minutes: float, mode: str, size: tuple[int, int], out: Path | None, progress: Callable[[int], Iterable[int]]
) -> PageGrowth:
    """Show the demo in a headless page for `minutes` and write the report, if one is wanted."""
    if mode not in MODES:
        raise ConfigError(f"--mode '{mode}' is none of {', '.join(MODES)}")
    count = int(minutes * 60 / SAMPLE_S)
    if count < LEAST_SAMPLES:
        raise ConfigError(f"--minutes {minutes:g} is too short: at least {LEAST_SAMPLES * SAMPLE_S / 60:g}")
    options = ["--audio", "demo", "--play", "off", "--no-window", "--web", "127.0.0.1:0", "--osc", "off",
               "--osc-in", "off", "--seed", "1", "--no-director", "--dancers", str(DANCERS),
               "--formation", "individuals"]  # fmt: skip
    samples = []
    with ShowProcess(options) as show:
        show.wait_for("beat", 30.0)
        base, _, fragment = str(show.wait_for("url", 10.0)).partition("#")
        with ShownPage(f"{base}?mode={mode}#{fragment}", *size) as page:
            _wait_for_dance(page)
            started_s = time.monotonic()
            for number in progress(count):
                for step, scene in enumerate(SCENES):
                    at_s = started_s + (number + (step + 1) / (len(SCENES) + 1)) * SAMPLE_S
                    time.sleep(max(0.0, at_s - time.monotonic()))
                    _show_scene(page, scene)
                time.sleep(max(0.0, started_s + (number + 1) * SAMPLE_S - time.monotonic()))
                samples.append(_sample(page, time.monotonic() - started_s))
                if samples[-1].t_s > 60 * minutes:  # a busy machine is slow to change scenes
                    break
    growth = growth_of(mode, samples)
    _write(growth, samples, size, out)
    return growth


def growth_of(mode: str, samples: Sequence[HeapSample]) -> PageGrowth:
    """Return what the samples say."""
    warm, last = samples[int(WARM_SHARE * len(samples))], samples[-1]
    return PageGrowth(
        mode=mode,
        minutes=last.t_s / 60,
        fps=float(np.mean([s.fps for s in samples])),
        live_mb=last.live_mb,
        live_mb_per_h=_slope_per_h(samples, WARM_SHARE),
        late_mb_per_h=_slope_per_h(samples, LATE_SHARE),
        nodes=(warm.nodes, last.nodes),
        listeners=(warm.listeners, last.listeners),
        browser_mb=(warm.browser_mb, last.browser_mb),
        samples=len(samples),
    )


def _slope_per_h(samples: Sequence[HeapSample], from_share: float) -> float:
    kept = samples[int(from_share * len(samples)) :]
    times = np.array([s.t_s for s in kept])
    return float(np.polyfit(times - times[0], [s.live_mb for s in kept], 1)[0]) * 3_600.0


def _wait_for_dance(page: ShownPage) -> None:
    end = time.monotonic() + DANCE_S
    while time.monotonic() < end:
        if page.evaluate("globalThis.livedance?.stats().first_pose_ms > 0"):
            return
        time.sleep(0.2)
    raise BenchError(f"the page drew nothing within {DANCE_S:g} s")


def _show_scene(page: ShownPage, scene: int) -> None:
    """Press the key of a scene until the show has said so: on a busy machine a page may just be without its link.

    Raises `BenchError`.
    """
    for _ in range(PRESSES):
        page.ask("Input.dispatchKeyEvent", type="keyDown", key=str(scene))
        page.ask("Input.dispatchKeyEvent", type="keyUp", key=str(scene))
        end = time.monotonic() + ANSWER_S
        while time.monotonic() < end:
            if page.evaluate("livedance.stats().state.scene") == scene:
                return
            time.sleep(0.05)
    raise BenchError(f"scene {scene} was not shown within {PRESSES * ANSWER_S:g} s")


def _sample(page: ShownPage, t_s: float) -> HeapSample:
    page.ask("HeapProfiler.collectGarbage")
    heap, counts = page.ask("Runtime.getHeapUsage"), page.ask("Memory.getDOMCounters")
    return HeapSample(
        t_s=t_s,
        heap_mb=heap["usedSize"] / 1e6,
        dom_mb=heap.get("embedderHeapUsedSize", 0.0) / 1e6,
        buffers_mb=heap.get("backingStorageSize", 0.0) / 1e6,
        nodes=int(counts["nodes"]),
        listeners=int(counts["jsEventListeners"]),
        browser_mb=sum(rss_mb(pid) for pid in family(page.pid)),
        fps=float(page.evaluate("livedance.stats().fps")),
    )


def _write(growth: PageGrowth, samples: Sequence[HeapSample], size: tuple[int, int], out: Path | None) -> None:
    verdict = "flat" if growth.is_flat else "growing"
    text = (
        f"`livedance bench page`: the demo show with {DANCERS} dancers in one page (`?mode={growth.mode}`, "
        f"{size[0]}×{size[1]}) of headless Chromium, where the processor draws (SwiftShader), for {growth.minutes:.0f} "
        f"minutes; {growth.fps:.0f} pictures a second. Every {SAMPLE_S:g} s it has shown all nine scenes; then all "
        f"garbage is collected and what is left is counted: objects, DOM and array buffers. The first "
        f"{100 * WARM_SHARE:.0f} % are left out of the slope. Goal: flat, that is less than {FLAT_MB_PER_H:g} MB an "
        f"hour in the last third: **{verdict}**."
    )
    head = ["mode", "live MB", "slope MB/h", "last third MB/h", "nodes", "listeners", "browser RSS MB"]
    pairs = (growth.nodes, growth.listeners, tuple(round(mb) for mb in growth.browser_mb))
    row = [growth.mode, growth.live_mb, growth.live_mb_per_h, growth.late_mb_per_h, *(f"{a} → {b}" for a, b in pairs)]
    report.write(
        out, "A page for long", text, {"growth": growth, "samples": list(samples)}, [report.table(head, [row])]
    )
