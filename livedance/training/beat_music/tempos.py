"""Tempo curves: steady, drifting like a band, ridden like a pitch fader."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from livedance.training.beat_music.dice import chance
from livedance.training.beat_music.piece import Piece, Tempo

SLOWEST: Final = 60.0
FASTEST: Final = 200.0
_DRIFT: Final = 0.015


def steady(bpm: float) -> Tempo:
    """Return a tempo that stays."""
    return Tempo(beat=(0.0,), bpm=(bpm,))


def drifting(bpm: float, beats: int, rng: np.random.Generator) -> Tempo:
    """Return a tempo that wanders around `bpm` like people do: a random walk held within 1.5 %."""
    knots = np.arange(0.0, beats + 4.0, 4.0)
    step = float(rng.uniform(0.001, 0.005))
    share = np.empty(len(knots))
    now = 0.0
    for i, push in enumerate(rng.standard_normal(len(knots))):
        now = float(np.clip(0.96 * now + step * push, -_DRIFT, _DRIFT))
        share[i] = now
    return Tempo(beat=tuple(knots.tolist()), bpm=tuple((bpm * (1.0 + share)).tolist()))


def with_drift(piece: Piece, rng: np.random.Generator) -> Piece:
    """Return `piece` played by people: its first tempo, wandering by up to 1.5 %."""
    return replace(piece, tempo=drifting(piece.tempo.bpm[0], piece.beats, rng))


def ramp_beats(first_bpm: float, last_bpm: float, seconds: float) -> float:
    """Return how many beats pass while the tempo goes from one to the other in `seconds`, linear in beats.

    dt = 60/bpm db with bpm = first + slope·b gives t = 60/slope · ln(last/first).
    """
    if abs(last_bpm - first_bpm) < 1e-9:
        return seconds * first_bpm / 60.0
    return seconds * (last_bpm - first_bpm) / (60.0 * float(np.log(last_bpm / first_bpm)))


def with_ramp(piece: Piece, rng: np.random.Generator, max_share: float = 0.16) -> Piece:
    """Return `piece` with a ride of the pitch fader: up to ± `max_share` within 4-30 s, sometimes back again.

    The first knot is the old tempo, the highest or lowest one the tempo that is reached; all stay within 60-200 BPM.
    The ride is at least a quarter of `max_share` (unless the limits are nearer) and lies within the piece.
    """
    first = piece.tempo.bpm[0]
    share = float(rng.uniform(0.25, 1.0)) * max_share * (1.0 if chance(rng, 0.5) else -1.0)
    if not SLOWEST <= first * (1.0 + share) <= FASTEST:
        share = -share
    last = float(np.clip(first * (1.0 + share), SLOWEST, FASTEST))
    room = piece.beats - 1.0
    length = min(ramp_beats(first, last, float(rng.uniform(4.0, 30.0))), 0.8 * room)
    start = float(rng.uniform(0.0, 0.7 * (room - length)))
    beat, bpm = [start, start + length], [first, last]
    rest = room - beat[-1]
    if rest > 16.0 and chance(rng, 0.4):
        wait = float(rng.uniform(0.1, 0.4)) * rest
        beat += [beat[-1] + wait, beat[-1] + wait + float(rng.uniform(0.3, 0.6)) * rest]
        bpm += [last, first]
    return replace(piece, tempo=Tempo(beat=tuple(beat), bpm=tuple(bpm)))
