"""Do dancers share the floor? How near they come to each other, and how formations change."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from livedance import skeleton
from livedance.dance import elbow_room, foot_lock, formation
from livedance.dance.walk import Journey
from livedance.evaluation.choreography_track import FPS, BeatTrack, shown
from livedance.evaluation.motion import body
from livedance.messages import SAMPLES_PER_BEAT

Array = NDArray[np.floating]

CHANGE_BEATS: Final = 12.0
"""A formation change and its arrival are looked for within so many beats of the wish."""
STAYED_BEATS: Final = 2
"""After that the place is read over so many beats: later another phrase may begin elsewhere about the same home."""
ARRIVED_M: Final = 0.4
"""Who ends nearer than this to the place before has not changed it."""
BODY: Final = [skeleton.INDEX[name] for name in ("hips", "l_ankle", "r_ankle")]
THERE_M: Final = np.array([0.03, foot_lock.STEP_FROM_M, foot_lock.STEP_FROM_M])
"""Whose hips and feet are this near to the end of the way is there; the foot lock may keep a foot so far from it."""
SAME_DANCE_M: Final = 0.01
"""Two dances are the same but for their place when their distance stays within this (standard deviation)."""
BAR_BEATS: Final = 4
LAND_BEATS: Final = 0.75
NEAR_M: Final = 0.9
"""Dancers who are no couple stay this far apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of formation."""

    to: str
    moved: int
    """Dancers who changed their place and danced on as before; only of these arrivals are known."""
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


def change(
    tracks: Sequence[BeatTrack],
    going: Sequence[BeatTrack],
    plain: Sequence[BeatTrack],
    to: str,
    wished_at: float,
    downbeats: Array,
) -> Change:
    """Return how the dancers took up formation `to`, wished at a dance beat.

    Args:
        tracks: as they dance.
        going: the same where `nobody_gives_way`.
        plain: the same where `nobody_moves` either: what differs from `going` is the way to the new place.
        to: the formation.
        wished_at: dance beat.
        downbeats: dance beats.
    """
    parts = [track.between(wished_at, wished_at + CHANGE_BEATS) for track in tracks]
    ways = [_way(track, stays, wished_at) for track, stays in zip(going, plain, strict=True)]
    known = [(beat, moved) for beat, moved in ways if moved > ARRIVED_M]
    near = [np.abs(downbeats - beat).min() <= LAND_BEATS for beat, _ in known]
    return Change(
        to=to,
        moved=len(known),
        moved_m=float(np.mean([moved for _, moved in known])) if known else 0.0,
        beats=max((beat - wished_at for beat, _ in known), default=np.nan),
        on_one=float(np.mean(near)) if known else np.nan,
        least_m=float(apart(parts).min(initial=np.inf)),
        skate=float(np.mean([body(shown(part).positions_m, FPS).skate for part in parts])),
    )


@contextmanager
def nobody_gives_way() -> Iterator[None]:
    """Let dancers dance through one another."""
    with (
        patch.object(elbow_room, "given", lambda *_: None),
        patch.object(elbow_room, "kept_apart", lambda windows, *_: list(windows)),
    ):
        yield


@contextmanager
def nobody_moves() -> Iterator[None]:
    """Let dancers take up formations where they stand: roles change, places do not; nobody gives way."""
    with nobody_gives_way(), patch.object(formation, "journeys", _no_journeys):
        yield


def _no_journeys(from_xz: Array, to_xz: Array, beat_start: float, *_: Any) -> tuple[Journey, ...]:
    start = math.ceil(beat_start)
    places = [(float(x), float(z)) for x, z in from_xz]
    return tuple(Journey(start_beat=start, beats=BAR_BEATS, start_xz=at, end_xz=at) for at in places)


def _way(track: BeatTrack, plain: BeatTrack, wished_at: float) -> tuple[float, float]:
    """Return (dance beat of arrival, metres moved) of one dancer; no metres where the dance itself became another."""
    start, end = wished_at - BAR_BEATS, wished_at + CHANGE_BEATS + STAYED_BEATS
    one, other = (t.between(start, end).joint_positions_m[:, BODY][..., [0, 2]] for t in (track, plain))
    n = min(len(one), len(other))
    way = one[:n] - other[:n]
    before, after = way[: BAR_BEATS * SAMPLES_PER_BEAT], way[-STAYED_BEATS * SAMPLES_PER_BEAT :]
    swing = max(before[:, 0].std(axis=0).max(), after[:, 0].std(axis=0).max())
    if n < (end - start - 1.0) * SAMPLES_PER_BEAT or swing > SAME_DANCE_M:
        return wished_at, 0.0
    goal = after.mean(axis=0)
    away = np.flatnonzero((np.linalg.norm(way - goal, axis=-1) > THERE_M).any(axis=1))
    arrived = start + (float(away[-1]) + 1.0) / SAMPLES_PER_BEAT if len(away) else wished_at
    return arrived, float(np.linalg.norm(goal[0] - before[:, 0].mean(axis=0)))
