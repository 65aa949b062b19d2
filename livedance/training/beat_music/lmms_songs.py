"""LMMS demo songs of some artists at several tempi, with the exact grid of their project files.

Only songs whose names begin with one of `ARTISTS` are opened: all others are kept for independent checks.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np

from livedance.errors import ConfigError
from livedance.messages import F32, Section
from livedance.training.beat_music import clips, lmms, truths
from livedance.training.beat_music.piece import F64, Truth
from livedance.training.beat_music.samples import RATE_HZ

ARTISTS: Final = ("CapDan", "Skiessi", "Oglsdl", "EsoXLB", "Momo64", "Settel", "StrictProduction", "Crunk")
PROJECTS: Final = Path("/usr/share/lmms/projects")
SPEEDS: Final = (1.0, 0.92, 1.06, 1.13)
"""Tempi at which a song is rendered, against its own."""
PHRASE_BARS: Final = 8
_LOOPS: Final = re.compile(r'src="(beats|bassloops)/|<sampletco')
"""Recorded loops keep their tempo: such a song is rendered at its own only."""
_QUIET_SHARE: Final = 0.2


@dataclass(frozen=True)
class Song:
    """One project file."""

    path: Path

    @property
    def name(self) -> str:
        """Name of the song."""
        return self.path.stem

    @property
    def artist(self) -> str:
        """Who made it: evaluation leaves out one artist at a time."""
        return next(artist for artist in ARTISTS if self.name.startswith(artist))

    @cached_property
    def xml(self) -> str:
        """The project."""
        return lmms.project_xml(self.path)

    @cached_property
    def head(self) -> dict[str, str]:
        """Attributes of the project's head; an automated tempo is a child, not an attribute."""
        element = ElementTree.fromstring(self.xml).find("head")
        return dict(element.attrib) if element is not None else {}

    @property
    def bpm(self) -> int:
        """Tempo of the song in quarter notes; 0 when it is automated: then there is no simple grid."""
        return int(self.head.get("bpm", 0))

    @property
    def meter(self) -> int:
        """Beats in a bar; 8/4 is counted as two bars of 4."""
        beats = int(self.head.get("timesig_numerator", 4)) * 4 // int(self.head.get("timesig_denominator", 4))
        return 4 if beats % 4 == 0 else max(beats, 1)

    @property
    def tempi(self) -> tuple[int, ...]:
        """Tempi at which it is rendered; LMMS knows whole numbers."""
        if _LOOPS.search(self.xml):
            return (self.bpm,)
        return tuple(sorted({round(self.bpm * speed) for speed in SPEEDS if 60 <= round(self.bpm * speed) <= 200}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One song at one tempo, to be put into the folder of songs."""

    song: Song
    bpm: int
    stem: Path


def folder(cache: Path) -> Path:
    """Return where the rendered songs lie."""
    return cache / "clips" / "songs"


def find(projects: Path = PROJECTS) -> tuple[Song, ...]:
    """Return the songs that may be used. Raises `ConfigError` when LMMS's projects are not installed."""
    if not projects.is_dir():
        raise ConfigError(f"the LMMS songs '{projects}' are not there: apt install lmms-common")
    paths = sorted(path for path in projects.rglob("*.mmp*") if path.name.startswith(ARTISTS))
    return tuple(song for song in map(Song, paths) if song.bpm)


def wanted(cache: Path, projects: Path = PROJECTS) -> list[Job]:
    """Return what is not rendered yet; all songs at their own tempo come first."""
    jobs = [
        Job(song=song, bpm=bpm, stem=folder(cache) / f"{song.name}@{bpm}")
        for song in find(projects)
        for bpm in song.tempi
    ]
    jobs.sort(key=lambda job: job.bpm != job.song.bpm)
    return [job for job in jobs if not job.stem.with_suffix(".json").is_file()]


def make(jobs: Iterable[Job], workers: int = 1) -> Iterator[str]:
    """Render songs into their folder, `workers` at once; yields the name of each when it is done."""
    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(_make_one, jobs)


def _make_one(job: Job) -> str:
    clips.write(job.stem, *render(job.song, job.bpm))
    return job.stem.name


def render(song: Song, bpm: int | None = None) -> tuple[F32, Truth]:
    """Return a song (N,), mono at 44.1 kHz, at a tempo (its own without one), and its truth.

    Beats are the project's grid; where a pulse is heard, and so what is a break, is measured bar by bar.
    """
    bpm = bpm or song.bpm
    audio = lmms.rendered(re.sub(r'(<head\b[^>]*\bbpm=")\d+', rf"\g<1>{bpm}", song.xml, count=1))
    peak = float(np.abs(audio).max(initial=1e-6))
    return (audio * np.float32(0.9 / peak)).astype(np.float32), truth_of(audio, bpm, song.meter, f"lmms:{song.name}")


def truth_of(audio: F32, bpm: int, meter: int, name: str) -> Truth:
    """Return the truth of a song that keeps its tempo from sample 0 on."""
    duration_s = len(audio) / RATE_HZ
    bar_s = meter * 60.0 / bpm
    beat_s = np.arange(0.0, duration_s, 60.0 / bpm)
    pulsed = pulsed_bars(audio, bar_s)
    rhythm = tuple((k * bar_s, min((k + 1) * bar_s, duration_s)) for k in np.flatnonzero(pulsed))
    changes = [0, *(np.flatnonzero(np.diff(pulsed.astype(int))) + 1)] if len(pulsed) else [0]
    sections = tuple((k * bar_s, Section.GROOVE if len(pulsed) and pulsed[k] else Section.BREAK) for k in changes)
    return Truth(
        beat_s=beat_s,
        downbeat_s=beat_s[::meter],
        phrase_s=beat_s[:: meter * PHRASE_BARS],
        rhythm=truths.joined(rhythm),
        sections=sections,
        drop_s=np.zeros(0),
        duration_s=duration_s,
        category="song",
        genre=name,
    )


def pulsed_bars(audio: F32, bar_s: float) -> np.ndarray:
    """Return (bars,) whether a pulse is heard: rises of level, summed over a bar, against those of the busy bars."""
    rises = onset_envelope(audio)
    per_bar = bar_s * RATE_HZ / ONSET_HOP
    n_bars = int(np.ceil(len(rises) / per_bar))
    sums = np.array([rises[round(k * per_bar) : round((k + 1) * per_bar)].sum() for k in range(n_bars)])
    return np.asarray(sums > _QUIET_SHARE * np.percentile(sums, 75)) if n_bars else np.zeros(0, bool)


ONSET_HOP: Final = 256


def onset_envelope(audio: F32) -> F64:
    """Return the rises of the log spectrum (half-wave spectral flux) every `ONSET_HOP` samples.

    Value k compares the frames that end at samples k and k - 1 times the hop.
    """
    n = 1_024
    count = max(0, len(audio) // ONSET_HOP)
    padded = np.concatenate([np.zeros(n, np.float32), audio])
    window = np.hanning(n).astype(np.float32)
    before = np.zeros(n // 2 + 1, np.float32)
    flux = np.zeros(count)
    for start in range(0, count, 512):
        ends = (np.arange(start, min(start + 512, count)) * ONSET_HOP)[:, None]
        frames = padded[ends + np.arange(n)] * window
        level = np.log1p(100 * np.abs(np.fft.rfft(frames, axis=1))).astype(np.float32)
        flux[start : start + len(level)] = np.maximum(np.diff(np.vstack([before, level]), axis=0), 0).mean(axis=1)
        before = level[-1]
    return flux
