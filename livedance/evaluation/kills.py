"""What a receiver sees when the brain is killed: gaps in OSC, time to the new brain's first window, jumps."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.evaluation import report
from livedance.evaluation.listeners import OscListener, SocketListener
from livedance.evaluation.show_process import BenchError, ShowProcess, family
from livedance.stage_memory import RESUME_PLANS

SETTLE_S: Final = 5.0
AFTER_S: Final = 4.0
BACK_S: Final = 12.0
HIPS: Final = 0
GOAL_GAP_S: Final = 0.050
GOAL_BACK_S: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """One kill as it was received."""

    gap_s: float
    """Longest time between two OSC frames from 0.1 s before to `AFTER_S` after."""
    usual_gap_s: float
    """The same over the seconds before: what the machine does anyway."""
    back_s: float
    """Kill to the first window of a new brain, at a score client."""
    speed: float
    """Fastest hips in that span, m/s."""
    usual_speed: float
    """99th percentile of hip speed of the whole run without these spans."""


def run(times: int, out: Path | None) -> list[Kill]:
    """Kill the brain `times` times and write the report, if one is wanted; raises `BenchError` when no show starts."""
    osc = OscListener()
    options = ["--audio", "demo", "--play", "off", "--no-window", "--web", "127.0.0.1:0", "--osc-in", "off"]
    try:
        with ShowProcess([*options, "--osc", f"default=127.0.0.1:{osc.port}", "--seed", "1"]) as show:
            show.wait_for("beat", 30.0)
            viewer = SocketListener(socket_url(show.wait_for("url", 10.0)), want=("score",))
            time.sleep(SETTLE_S)
            marks = [_kill(show, viewer) for _ in range(times)]
            viewer.stop()
    finally:
        osc.stop()
    stamps, poses = osc.poses()
    kills = seen(stamps, poses[:, HIPS], marks)
    rows = [[i + 1, 1e3 * k.gap_s, 1e3 * k.usual_gap_s, k.back_s, k.speed, k.usual_speed] for i, k in enumerate(kills)]
    head = ["kill", "longest gap ms", "before ms", "new window s", "hips m/s", "usual p99 m/s"]
    report.write(out, "A killed brain", _explanation(), {"kills": kills}, [report.table(head, rows)])
    return kills


def seen(stamps: NDArray[np.floating], hips: NDArray[np.floating], marks: list[tuple[float, float]]) -> list[Kill]:
    """Return what the OSC frames at `stamps` (T,) with `hips` (T, 3) show of kills at `marks` (time, back after)."""
    speed = np.linalg.norm(np.diff(hips, axis=0), axis=-1) * 60.0
    ends = stamps[1:]
    quiet = np.ones(len(ends), bool)
    for killed_s, _ in marks:
        quiet &= (ends < killed_s - 0.1) | (ends > killed_s + AFTER_S)
    out = []
    for killed_s, back_s in marks:
        span = (ends > killed_s - 0.1) & (ends < killed_s + AFTER_S)
        before = (ends > killed_s - SETTLE_S) & (ends < killed_s - 0.1)
        gaps = np.diff(stamps)
        out.append(
            Kill(
                gap_s=float(gaps[span].max(initial=0.0)),
                usual_gap_s=float(gaps[before].max(initial=0.0)),
                back_s=back_s,
                speed=float(speed[span].max(initial=0.0)),
                usual_speed=float(np.percentile(speed[quiet], 99)) if quiet.any() else float("nan"),
            )
        )
    return out


def _kill(show: ShowProcess, viewer: SocketListener) -> tuple[float, float]:
    """Kill the brain; return (when, seconds to a new brain's first window)."""
    brain = next((pid for pid, role in family(show.pid).items() if role == "brain"), None)
    if brain is None:
        raise BenchError("the show has no brain to kill")
    top = max(window.plan for _, window in viewer.windows())
    killed_s = time.monotonic()
    os.kill(brain, signal.SIGKILL)
    while time.monotonic() < killed_s + BACK_S:
        time.sleep(0.1)
        back = [stamp for stamp, window in viewer.windows() if window.plan >= top + RESUME_PLANS]
        if back:
            time.sleep(max(0.0, killed_s + AFTER_S + SETTLE_S - time.monotonic()))
            return killed_s, back[0] - killed_s
    raise BenchError(f"no new brain's window came within {BACK_S:g} s of a kill")


def socket_url(page: str) -> str:
    """Return the address of the socket behind a page."""
    return page.partition("#")[0].replace("http://", "ws://") + "ws"


def _explanation() -> str:
    return (
        "`livedance bench kills`: the brain of a running demo show is killed (SIGKILL) in mid-dance; an OSC receiver "
        "and a score client watch. While no brain lives the stage's motion graph goes on. Goals: no gap over "
        f"{1e3 * GOAL_GAP_S:.0f} ms, first new window within {GOAL_BACK_S:g} s, no jump. `before` is the longest gap "
        f"of the {SETTLE_S:g} s before the kill: what the machine does by itself."
    )
