"""What the encoders of the cross-modal evaluation learn from: training takes, each with several pieces of music.

Music costs a second of work for each half minute, so it is kept, one file a take, and made once. Every other piece is
steady, at a tempo near the take's own, as the stage plays takes; the others wander with the dancer.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.dance.library import Clip, MotionLibrary
from livedance.errors import FileError
from livedance.evaluation import match_features
from livedance.evaluation.match_features import WINDOW_BEATS
from livedance.training.beat_music.banks import Banks
from livedance.training.dance import soundtrack, tracks

F32 = NDArray[np.float32]

FORMAT: Final = 1
FOLDER: Final = "music"
TEMPO_SPREAD: Final = 0.15
SLOWEST, FASTEST = 62.0, 190.0
LEAST_BEATS: Final = WINDOW_BEATS + 2
"""A shorter take has no two windows at different phases."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Take:
    """One take and its music, eight steps a beat."""

    id: str
    group: str
    """Both partners of a couple are one group: they dance to the same beats."""
    is_valid: bool
    motion: F32
    """(T, N_MOTION)"""
    music: F32
    """(pieces, T, N_MUSIC)"""


def group_of(clip: Clip) -> str:
    """Return the name that a clip shares with its partner's."""
    return min(clip.id, clip.partner or clip.id)


def heard_on(music: soundtrack.Soundtrack) -> F32:
    """Return (8 n, N_MUSIC): what is heard in each eighth of the n beats of a soundtrack."""
    n_beats = len(music.beats_s) - 1
    edges_s = np.interp(match_features.music_edges(n_beats), np.arange(n_beats + 1), music.beats_s)
    return soundtrack.hear(music.samples).over(edges_s)


def motion_of(clip: Clip) -> F32:
    """Return (8 n, N_MOTION) of a clip in beat time."""
    return match_features.motion(MotionLibrary.shipped().beat_motion(clip.id).joint_positions_m)


def wanted(splits: Path) -> list[tuple[Clip, bool]]:
    """Return the training takes that are long enough, and whether each is for validation. Held-out takes: never."""
    library = MotionLibrary.shipped()
    found = [(library.clip(name), is_valid) for name, is_valid in tracks.chosen(splits).items()]
    return [(clip, is_valid) for clip, is_valid in found if clip.n_beats >= LEAST_BEATS]


def make(
    out: Path, takes: Sequence[tuple[Clip, bool]], *, pieces: int, seed: int, banks: Banks,
    tell: Callable[[str], None] = lambda _: None,
) -> list[Take]:  # fmt: skip
    """Return the takes with their music; what `out` has already is read from there."""
    made = []
    for clip, is_valid in takes:
        tell(clip.id)
        music = _kept(out / FOLDER / f"{clip.id}.npz", clip, pieces, seed, banks)
        made.append(Take(id=clip.id, group=group_of(clip), is_valid=is_valid, motion=motion_of(clip), music=music))
    return made


def _kept(path: Path, clip: Clip, pieces: int, seed: int, banks: Banks) -> F32:
    """Return (pieces, 8 n, N_MUSIC), from `path` where the same was made before."""
    key = np.array([FORMAT, match_features.VERSION, pieces, seed, len(banks.kits)])
    try:
        with np.load(path, allow_pickle=False) as archive:
            if np.array_equal(archive["key"], key):
                return np.asarray(archive["music"])
    except (OSError, ValueError, KeyError):
        pass  # made anew
    music = np.stack([_piece(clip, seed, i, banks) for i in range(pieces)])
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part.npz")
        np.savez(part, key=key, music=music)
        part.replace(path)
    except OSError as error:
        raise FileError(f"cannot write {path}: {error.strerror}") from error
    return music


def _piece(clip: Clip, seed: int, index: int, banks: Banks) -> F32:
    rng = np.random.default_rng((seed, index, zlib.crc32(clip.id.encode())))
    bpm = clip.native_bpm * float(rng.uniform(1.0 - TEMPO_SPREAD, 1.0 + TEMPO_SPREAD))
    steady = float(np.clip(bpm, SLOWEST, FASTEST)) if index % 2 == 0 else None
    return heard_on(soundtrack.of_clip(clip, seed * 1_000 + index, bpm=steady, banks=banks))


assert len(soundtrack.NAMES) == match_features.N_MUSIC
