"""Do dancers share the floor? How near they come to each other, and how formations change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.evaluation.accents import smooth
from livedance.evaluation.choreography_track import BeatTrack, shown
from livedance.evaluation.motion import body
from livedance.messages import SAMPLES_PER_BEAT

Array = NDArray[np.floating]

CHANGE_BEATS: Final = 12.0
"""A formation change and its arrival are looked for within so many beats of the wish."""
ARRIVED_M: Final = 0.4
"""Who ends nearer than this to the place before has not changed it."""
WAY_DONE: Final = 0.95
LAND_BEATS: Final = 0.75
NEAR_M: Final = 0.9
"""Dancers who are no couple stay this far apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of formation."""

    to: str
    moved: int
    """Dancers who changed their place."""
    moved_m: float
    """How far they went, mean."""
    beats: float
    """From the wish to the last dancer's arrival."""
    on_one: float
    """Share of them that arrive within `LAND_BEATS` of a downbeat; by chance 3 of 8."""
    least_m: float
    """Least distance on the way."""
    skate: float
    """Share of frames on the way in which a foot slides."""


def apart(tracks: Sequence[BeatTrack]) -> Array:
    """Return the distances (N,), metres over the floor, of all pairs of dancers at all samples that two share."""
    found = [distances(a, b) for i, a in enumerate(tracks) for b in tracks[i + 1 :] if a.dancer != b.dancer]
    return np.concatenate(found) if found else np.zeros(0)


def distances(a: BeatTrack, b: BeatTrack) -> Array:
    """Return the distance (S,) between the hips of two dancers while both are on stage."""
    start, end = max(a.first_beat, b.first_beat), min(float(a.beats[-1]), float(b.beats[-1]))
    if start >= end:
        return np.zeros(0)
    one, other = (track.between(start, end).root_position_m[:, [0, 2]] for track in (a, b))
    return np.asarray(np.linalg.norm(one - other, axis=-1))


def change(tracks: Sequence[BeatTrack], to: str, wished_at: float, downbeats: Array) -> Change:
    """Return how the dancers took up formation `to`, wished at a dance beat."""
    parts = [track.between(wished_at, wished_at + CHANGE_BEATS) for track in tracks]
    arrived = [_arrival(track, wished_at) for track in tracks]
    arrived = [(beat, moved) for beat, moved in arrived if moved > ARRIVED_M]
    near = [np.abs(downbeats - beat).min() <= LAND_BEATS for beat, _ in arrived]
    return Change(
        to=to,
        moved=len(arrived),
        moved_m=float(np.mean([moved for _, moved in arrived])) if arrived else 0.0,
        beats=max((beat - wished_at for beat, _ in arrived), default=0.0),
        on_one=float(np.mean(near)) if arrived else np.nan,
        least_m=float(apart(parts).min(initial=np.inf)),
        skate=float(np.mean([body(shown(part).positions_m, 60.0).skate for part in parts])),
    )


def _arrival(track: BeatTrack, wished_at: float) -> tuple[float, float]:
    """Return (dance beat of arrival, metres moved) of one dancer.

    Dancers dance on their way and at its end: the way is the steady path along the line from where they danced before
    to where they dance after, and it ends with `WAY_DONE` of it.
    """
    steady = np.stack([smooth(axis, SAMPLES_PER_BEAT / 2) for axis in track.root_position_m[:, [0, 2]].T], axis=1)
    first, stop = track.index(wished_at), track.index(wished_at + CHANGE_BEATS)
    before = steady[max(0, first - 8 * SAMPLES_PER_BEAT) : first + 1].mean(axis=0)
    after = steady[stop : stop + 8 * SAMPLES_PER_BEAT].mean(axis=0) if stop < len(steady) else steady[-1]
    moved = float(np.linalg.norm(after - before))
    way = (steady[first:stop] - before) @ (after - before) / max(moved, 1e-6) ** 2
    done = int(np.argmax(way >= WAY_DONE)) if (way >= WAY_DONE).any() else len(way)
    return wished_at + done / SAMPLES_PER_BEAT, moved
