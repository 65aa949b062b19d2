"""The paper's clips: five seconds of 2-D dance at ten frames a second, each with music on its beats.

Training clips are drawn from the takes that `configs/splits` gives for training: any start, both sides, a little faster
or slower. Held-out clips begin every second, at the take's own tempo, as danced and mirrored; neighbours overlap.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import skeleton
from livedance.dance.conditions import STYLES
from livedance.dance.library import Clip, MotionLibrary
from livedance.paths import model_dir
from livedance.training.dance import tracks
from livedance.training.paper import camera, music

Array = NDArray[np.floating]

FPS: Final = 10
N_FRAMES: Final = 50
SECONDS: Final = N_FRAMES / FPS
FRAME_SAMPLES: Final = music.RATE_HZ // FPS
EDGE: Final = 0.98
"""A clip in which a point goes beyond this (the picture ends at 1) is not used."""
ROOM_BEATS: Final = 2
"""So many beats before and after a clip are heard or laid down too."""


@dataclass(frozen=True, kw_only=True)
class DataConfig:
    """What is cut."""

    clips: int = 1600
    tempo_warp: float = 0.1
    style_power: float = 0.5
    """How often a style is seen: its seconds to this power."""
    seed: int = 11


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clips:
    """Many clips."""

    poses: NDArray[np.float32]
    """(N, 50, 36)"""
    audio: NDArray[np.int16]
    """(N, 50, 1600)"""
    beats_s: tuple[Array, ...]
    """Of each clip: beats within it."""
    style: NDArray[np.int64]
    take: tuple[str, ...]
    start_s: Array

    def __len__(self) -> int:
        return len(self.poses)


def training(config: DataConfig, splits: Path = tracks.SPLITS) -> Clips:
    """Return clips of the training takes."""
    return _drawn([name for name, is_valid in tracks.chosen(splits).items() if not is_valid], config)


def validation(config: DataConfig, splits: Path = tracks.SPLITS) -> Clips:
    """Return clips of the takes that tell how well the looking networks see."""
    return _every([name for name, is_valid in tracks.chosen(splits).items() if is_valid], config.seed + 1)


def held_out(seed: int = 5, splits: Path = tracks.SPLITS) -> Clips:
    """Return clips of the held-out takes; floor work, which is not learnt, is left out there too."""
    without = set(tomllib.loads(splits.read_text(encoding="utf-8"))["without_tags"])
    given = tomllib.loads((model_dir("motion_library") / "splits.toml").read_text(encoding="utf-8"))
    library = MotionLibrary.shipped()
    return _every([name for name in given["held_out"]["clips"] if not library.clip(name).tags & without], seed)


def picture_of(clip: Clip) -> Array:
    """Return (T, 36) of a take at its own frame rate; the camera looks at the mean of the take's places."""
    joints = skeleton.forward_kinematics(clip.root_position_m, clip.joint_rotations_wxyz)
    middle = clip.root_position_m.mean(axis=0) * np.array([1.0, 0.0, 1.0])
    return camera.project(joints - middle)


def _drawn(names: Sequence[str], config: DataConfig) -> Clips:
    library = MotionLibrary.shipped()
    takes = [c for c in map(library.clip, names) if c.duration_s >= SECONDS * (1.0 + config.tempo_warp) + 0.1]
    seconds = {s: sum(c.duration_s for c in takes if c.style == s) for s in STYLES}
    share = np.array([c.duration_s * seconds[c.style] ** (config.style_power - 1.0) for c in takes])
    rng = np.random.default_rng(config.seed)
    pictures: dict[str, Array] = {}
    made: list[tuple[Clip, float, Array, NDArray[np.int16], Array]] = []
    while len(made) < config.clips:
        take = takes[int(rng.choice(len(takes), p=share / share.sum()))]
        rate = float(rng.uniform(1.0 - config.tempo_warp, 1.0 + config.tempo_warp))
        start_s = float(rng.uniform(0.0, take.duration_s - rate * SECONDS - 0.05))
        if take.id not in pictures:
            pictures[take.id] = picture_of(take)
        poses = _poses(pictures[take.id], take.fps, start_s, rate)
        if rng.random() < 0.5:
            poses = camera.mirrored(poses)
        if np.abs(poses).max() < EDGE:
            made.append((take, start_s, poses, *_heard(take, start_s, rate, rng)))
    return _stacked(made)


def _every(names: Sequence[str], seed: int) -> Clips:
    library, rng = MotionLibrary.shipped(), np.random.default_rng(seed)
    made: list[tuple[Clip, float, Array, NDArray[np.int16], Array]] = []
    for take in map(library.clip, names):
        picture = picture_of(take)
        for start_s in np.arange(0.0, take.duration_s - SECONDS - 0.05):
            poses = _poses(picture, take.fps, float(start_s), 1.0)
            for seen in (poses, camera.mirrored(poses)):
                if np.abs(seen).max() < EDGE:
                    made.append((take, float(start_s), seen, *_heard(take, float(start_s), 1.0, rng)))
    return _stacked(made)


def _stacked(made: Sequence[tuple[Clip, float, Array, NDArray[np.int16], Array]]) -> Clips:
    takes, starts, poses, audio, beats = zip(*made, strict=True)
    return Clips(
        poses=np.stack(poses).astype(np.float32),
        audio=np.stack(audio).reshape(-1, N_FRAMES, FRAME_SAMPLES),
        beats_s=tuple(beats),
        style=np.array([STYLES.index(t.style) if t.style in STYLES else -1 for t in takes]),
        take=tuple(t.id for t in takes),
        start_s=np.array(starts),
    )


def _poses(picture: Array, fps: float, start_s: float, rate: float) -> Array:
    """Return (50, 36) from `start_s` on, danced `rate` times as fast; straight lines between frames."""
    at = (start_s + rate * np.arange(N_FRAMES) / FPS) * fps
    low = np.minimum(at.astype(int), len(picture) - 2)
    share = (at - low)[:, None]
    out: Array = (1.0 - share) * picture[low] + share * picture[low + 1]
    return out


def _heard(take: Clip, start_s: float, rate: float, rng: np.random.Generator) -> tuple[NDArray[np.int16], Array]:
    """Return (samples, beats within the clip)."""
    beats, energy = _extended(take)
    beats = (beats - start_s) / rate
    first = max(int(np.searchsorted(beats, 0.0)) - ROOM_BEATS, 0)
    last = min(int(np.searchsorted(beats, SECONDS)) + ROOM_BEATS, len(beats) - 1)
    played = music.render(beats[first : last + 1], energy[first:last], take.style, SECONDS, rng)
    return played, beats[(beats >= 0.0) & (beats < SECONDS)]


def _extended(take: Clip) -> tuple[Array, Array]:
    """Return (beats, their energy) of a take with beats before its first and after its last, at the tempo there."""
    beats, energy = take.beat_times_s, take.beat_energy
    before = int(np.ceil(beats[0] / (beats[1] - beats[0]))) + ROOM_BEATS
    after = int(np.ceil(max(take.duration_s - beats[-1], 0.0) / (beats[-1] - beats[-2]))) + ROOM_BEATS
    lead = beats[0] - (beats[1] - beats[0]) * np.arange(before, 0, -1)
    trail = beats[-1] + (beats[-1] - beats[-2]) * np.arange(1, after + 1)
    padded: Array = np.pad(energy, (before, after), mode="edge")
    return np.concatenate([lead, beats, trail]), padded
