"""What real dance measures by the same rulers: held-out clips of the library, each at its own constant tempo."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Final

import numpy as np

from livedance import paths
from livedance.dance.library import NAME, MotionLibrary
from livedance.errors import ModelError
from livedance.evaluation.choreography_accents import Musicality, musicality
from livedance.evaluation.choreography_body import Shape, shape
from livedance.evaluation.choreography_track import BeatTrack, of_clip

SPLITS: Final = "splits.toml"
MUSICALITY: Final = tuple(field.name for field in fields(Musicality))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All figures of one stretch of a dance that need no notes."""

    musicality: Musicality
    shape: Shape


@cache
def library() -> MotionLibrary:
    """Return the library that ships."""
    return MotionLibrary.load()


def held_out() -> list[str]:
    """Return the ids of the clips that no model was trained on; raises `ModelError` for a damaged library."""
    path = paths.model_dir(NAME) / SPLITS
    try:
        return [str(name) for name in tomllib.loads(path.read_text(encoding="utf-8"))["held_out"]["clips"]]
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"'{path}' does not say which clips are held out ({error}): reinstall livedance") from error


def tracks_of(names: Sequence[str]) -> tuple[BeatTrack, ...]:
    """Return clips of the library as dances."""
    return tuple(of_clip(library().beat_motion(name)) for name in names)


@cache
def _jerk_by_speed() -> tuple[float, float]:
    """Return (slope, level) of the line through log jerk over log speed of the library's clips."""
    found = [shape(track).body for track in tracks_of([clip.id for clip in library().clips])]
    speed, jerk = (np.log([getattr(row, name) for row in found]) for name in ("speed_m_per_s", "jerk_m_per_s3"))
    slope, level = np.polyfit(speed, jerk, 1)
    return float(slope), float(level)


def usual_jerk(speed_m_per_s: float) -> float:
    """Return the jerk that dancers of the library have at a mean joint speed: faster dance is jerkier."""
    slope, level = _jerk_by_speed()
    return float(np.exp(level + slope * np.log(max(speed_m_per_s, 1e-3))))


def figures(track: BeatTrack, music_beats_s: Any) -> Figures:
    """Return the figures of one stretch."""
    return Figures(musicality=musicality(track, music_beats_s), shape=shape(track))


def beat_times(track: BeatTrack) -> Any:
    """Return the times of a clip's own beats."""
    return np.interp(np.arange(np.ceil(track.first_beat), track.beats[-1]), track.beats, track.t_s)
