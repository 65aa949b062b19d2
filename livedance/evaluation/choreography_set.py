"""Music for a long night: pieces with known beats, cut to whole phrases and played one after another without a gap."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.audio.music import MUSIC_DIR
from livedance.dance import chance
from livedance.errors import FileError
from livedance.evaluation.clicks import click_track
from livedance.messages import HOP_RATE_HZ, HOP_SAMPLES, Hop

Array = NDArray[np.floating]
Samples = NDArray[np.float32]

PHRASE_BEATS: Final = 32
BAR_BEATS: Final = 4
BEFORE_BEAT_S: Final = 0.05
"""A piece is cut this much before its downbeats: the attack of a kick begins before its beat."""
LEAD_IN_S: Final = 0.5
_ORDER_KEY: Final = 0x5E7
"""Stands for the order of pieces among the keys of randomness."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Piece:
    """One piece, from `BEFORE_BEAT_S` before a downbeat to as much before a later one."""

    name: str
    samples: Samples
    """Mono at `HOP_RATE_HZ`."""
    beats_s: Array
    """Seconds from its first sample; a whole number of bars."""

    @property
    def seconds(self) -> float:
        """Length."""
        return len(self.samples) / HOP_RATE_HZ


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Music:
    """What is danced to; samples are laid end to end only while they are heard."""

    name: str
    pieces: tuple[Piece, ...]
    beats_s: Array
    """Every beat from the start; each fourth from the first on is a downbeat."""
    seconds: float

    def hops(self) -> Iterator[Hop]:
        """Yield the whole music as hops, after `LEAD_IN_S` of silence."""
        left, index = np.zeros(round(LEAD_IN_S * HOP_RATE_HZ), np.float32), 0
        for piece in self.pieces:
            samples = np.concatenate([left, piece.samples])
            whole = len(samples) // HOP_SAMPLES * HOP_SAMPLES
            for block in samples[:whole].reshape(-1, HOP_SAMPLES):
                yield Hop(index=index, t_s=(index + 1) * HOP_SAMPLES / HOP_RATE_HZ, samples=block)
                index += 1
            left = samples[whole:]


def clicks(bpm: float, seconds: float) -> Music:
    """Return a click track as music."""
    samples, beats = click_track(bpm, seconds)
    return in_a_row(f"clicks {bpm:g}", [Piece(name="clicks", samples=samples, beats_s=beats)])


def in_a_row(name: str, pieces: Sequence[Piece]) -> Music:
    """Return `pieces` one after another."""
    starts = LEAD_IN_S + np.concatenate([[0.0], np.cumsum([piece.seconds for piece in pieces])])
    beats = np.concatenate([start + piece.beats_s for start, piece in zip(starts, pieces, strict=False)])
    return Music(name=name, pieces=tuple(pieces), beats_s=beats, seconds=float(starts[-1]))


def mixed(pieces: Sequence[Piece], minutes: float, seed: int) -> Music:
    """Return a set of about `minutes`: rounds of all pieces in an order by chance, none twice in a row."""
    chosen: list[Piece] = []
    seconds, turn = 0.0, 0
    while seconds < 60.0 * minutes:
        order = chance.generator(seed, _ORDER_KEY, turn).permutation(len(pieces))
        if chosen and len(pieces) > 1 and pieces[order[0]] is chosen[-1]:
            order = np.roll(order, 1)
        for i in order:
            if seconds < 60.0 * minutes:
                chosen.append(pieces[i])
                seconds += pieces[i].seconds
        turn += 1
    return in_a_row(f"mixed set, {minutes:g} min", chosen)


def load(folder: Path | None = None, names: Sequence[str] = ()) -> list[Piece]:
    """Return the pieces of a folder with `index.json` (default: the demo tracks), all or those named.

    Raises `FileError` where there is no such music.
    """
    import soundfile
    import soxr

    home = folder or MUSIC_DIR
    pieces = []
    try:
        for entry in json.loads((home / "index.json").read_text(encoding="utf-8")):
            if names and Path(entry["file"]).stem not in names:
                continue
            data, rate = soundfile.read(str(home / entry["file"]), dtype="float32", always_2d=True)
            mono = soxr.resample(data.mean(axis=1), rate, HOP_RATE_HZ).astype(np.float32)
            beats, downbeats = np.array(entry["beats"]), entry.get("downbeats", ())
            piece = cut(Path(entry["file"]).stem, mono, beats[beats >= (downbeats[0] if downbeats else 0.0) - 1e-3])
            pieces += [piece] if piece else []
    except (OSError, KeyError, ValueError, RuntimeError) as error:
        raise FileError(f"no music with beats in '{home}': {error}") from error
    if not pieces:
        raise FileError(f"no music with beats in '{home}': nothing there is {' or '.join(names) or 'long enough'}")
    return pieces


def cut(name: str, samples: Samples, beats_s: Array) -> Piece | None:
    """Return the longest run of whole phrases (bars, where there is no whole phrase), None below two bars.

    beats_s: from a downbeat on; the beat after the last one is taken to be as long as the one before.
    """
    last = beats_s[-1] + (beats_s[-1] - beats_s[-2])
    ends = np.append(beats_s, last) - BEFORE_BEAT_S
    n_beats = int(np.searchsorted(ends, len(samples) / HOP_RATE_HZ, side="right")) - 1
    unit = PHRASE_BEATS if n_beats >= PHRASE_BEATS else BAR_BEATS
    n_beats = n_beats // unit * unit
    if n_beats < 2 * BAR_BEATS:
        return None
    first, stop = round(max(ends[0], 0.0) * HOP_RATE_HZ), round(ends[n_beats] * HOP_RATE_HZ)
    return Piece(name=name, samples=samples[first:stop], beats_s=beats_s[:n_beats] - first / HOP_RATE_HZ)
