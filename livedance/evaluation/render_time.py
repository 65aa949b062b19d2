"""How much faster than real time a file becomes poses: `livedance render` to npz, in a process of its own each time."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from livedance.audio.file_source import open_sound
from livedance.errors import FileError
from livedance.evaluation import report

CASES: Final = {"one dancer": ("--dancers", "1", "--no-director"), "with the director": ()}
SEED: Final = "3"


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderTime:
    """What one case took."""

    case: str
    audio_s: float
    wall_s: tuple[float, ...]
    """From the start of the process to its end, run by run."""

    @property
    def speed(self) -> float:
        """How many times faster than real time: the median run."""
        return self.audio_s / float(np.median(self.wall_s))


def run(
    track: Path, times: int, out: Path | None, watch: Callable[[Sequence[int]], Iterable[int]] = lambda runs: runs
) -> list[RenderTime]:
    """Render `track` `times` times in every case, taking turns; writes a report where `out` is given."""
    with open_sound(track) as sound:
        audio_s = sound.frames / sound.samplerate
    walls: dict[str, list[float]] = {case: [] for case in CASES}
    with tempfile.TemporaryDirectory() as folder:
        for _ in watch(range(times)):
            for case, options in CASES.items():
                walls[case].append(_once(track, Path(folder) / "out.npz", options))
    found = [RenderTime(case=case, audio_s=audio_s, wall_s=tuple(wall)) for case, wall in walls.items()]
    head = ["case", "audio s", "best s", "median s", "worst s", "times real time (median)"]
    rows = [[t.case, t.audio_s, min(t.wall_s), float(np.median(t.wall_s)), max(t.wall_s), t.speed] for t in found]
    report.write(out, "Rendering faster than real time", _explanation(track, times), {"renders": found},
                 [report.table(head, rows)])  # fmt: skip
    return found


def _once(track: Path, out: Path, options: Sequence[str]) -> float:
    words = [sys.executable, "-m", "livedance", "render", str(track), "--out", str(out), "--seed", SEED, *options]
    start = time.perf_counter()
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode != 0:
        raise FileError(f"'{' '.join(words[2:])}' ended with {done.returncode}: {done.stderr.strip()}")
    return time.perf_counter() - start


def _explanation(track: Path, times: int) -> str:
    return (
        f"`livedance bench render`: `livedance render {track.name} --out X.npz` at 60 frames/s, {times} times in each\n"
        "case, taking turns, each in a process of its own; wall clock with everything from the start of the\n"
        "interpreter (about 0.6 s) to the written file. It works on one core. The director brings up to four\n"
        "dancers on stage, and each of them is a dance of its own.\n"
    )
