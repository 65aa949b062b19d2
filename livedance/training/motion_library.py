"""Makes `models/motion_library` from the raw dance data: solve, trim, contacts, beat map, energy."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations, skeleton
from livedance.dance.library import Clip
from livedance.errors import FileError
from livedance.evaluation import accents
from livedance.training import beat_map, contacts, despike, solve, source_clip, styles

Array = NDArray[np.floating]

FLOOR_WORK_M: Final = 0.3
"""A clip in which a hand, the head or the hips come under this height is tagged `floor`."""
SUNK_M: Final = 0.15
"""A foot this far under the floor was lost by the capture: the clip is cut there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One finished clip and what was measured on the way."""

    clip: Clip
    attribution: str
    beat_grid_s: Array
    """The data's constant grid in the clip's own time; empty where it has none."""
    report: dict[str, float | str]
    errors: Array
    """(T * 23,) joint errors against the (repaired) source, m."""
    source_positions_m: Array
    """(T, 23, 3) the source, placed as the clip is: for drawing."""


def make_clip(path: Path) -> Made:
    """Return one raw take as a clip of the library; its `beat_energy` is still a speed in m/s."""
    raw = source_clip.read(path)
    source, bridged = despike.repair(raw)
    root, turned = solve.solve(source)
    positions = skeleton.forward_kinematics(root, turned)
    span, shift = _stage(positions, source.fps)
    error = np.linalg.norm(positions - source.positions_m, axis=-1)[span]
    clip = _clip(source, root[span] - shift, turned[span], grid_s=source.beat_grid_s - span.start / source.fps)
    report: dict[str, float | str] = {
        "id": source.id,
        "seconds": clip.duration_s,
        "cut_s": (len(raw.positions_m) - len(clip.root_position_m)) / source.fps,
        "bridged_frames": bridged,
        "floor_m": float(shift[1]),
        "turn_ratio": turn_ratio(source, turned),
        "error_mean_m": float(error.mean()),
        "error_p99_m": float(np.percentile(error, 99)),
    }
    return Made(
        clip=clip,
        attribution=str(source.meta["attribution"]),
        beat_grid_s=source.beat_grid_s - span.start / source.fps,
        report=report,
        errors=error.ravel(),
        source_positions_m=source.positions_m[span] - shift,
    )


def _stage(positions: Array, fps: float) -> tuple[slice, Array]:
    """Return the frames to keep and what to take off the root: x and z of the first frame, the floor's height."""
    first, last = lively_span(positions, fps)
    floor = contacts.floor_height(positions[first:last])
    first, last = sound_span(positions, floor, first, last)
    return slice(first, last), np.array([positions[first, 0, 0], floor, positions[first, 0, 2]])


def _clip(source: source_clip.SourceClip, root: Array, turned: Array, grid_s: Array) -> Clip:
    positions = skeleton.forward_kinematics(root, turned)
    mapped = beat_map.find(positions, source.fps, grid_s=grid_s)
    speed = accents.joint_speed(positions, source.fps)
    return Clip(
        id=source.id,
        style=styles.style_of(source.id),
        licence=str(source.meta["licence"]),
        source=f"{source.meta['source']}:{source.meta['path']}",
        fps=source.fps,
        root_position_m=root,
        joint_rotations_wxyz=turned,
        foot_contact=contacts.contacts(positions, source.fps),
        beat_times_s=mapped.beat_times_s,
        half_beat_times_s=mapped.half_beat_times_s,
        native_bpm=mapped.native_bpm,
        beat_energy=per_beat(speed, mapped.beat_times_s, source.fps),
        confidence=mapped.confidence,
        tags=_tags(source, positions),
        partner=styles.partner_of(source.id),
    )


def turn_ratio(source: source_clip.SourceClip, turned: Array) -> float:
    """Return how fast our limb bones turn against the source's: mean over bones of the ratio of the p99 speeds."""
    world = skeleton.world_rotations(turned)
    ratios = [_turn_p99(world[:, j]) / max(_turn_p99(q), 1e-6) for j, q in source.source_world_wxyz.items()]
    return float(np.mean(ratios)) if ratios else 1.0


def _turn_p99(q: Array) -> float:
    step = rotations.to_rotvec(rotations.multiply(rotations.conjugate(q[:-1]), q[1:]))
    return float(np.percentile(np.linalg.norm(step, axis=-1), 99))


def make_all(data: Path, progress: Callable[[str], None] = lambda _: None) -> list[Made]:
    """Return every clip under `data`/dance; raises `FileError` when there is none."""
    files = sorted((data / "dance").glob("*.npz"))
    if not files:
        raise FileError(f"'{data}' holds no dance/*.npz: give the folder of the raw dance data")
    made = []
    for file in files:
        progress(file.stem)
        made.append(make_clip(file))
    return rank_energy(made)


def lively_span(positions: Array, fps: float) -> tuple[int, int]:
    """Return the frames [first, last) without the standing about before and after the dance."""
    speed = accents.joint_speed(positions, fps)
    width = int(0.4 * fps)
    smooth = np.convolve(np.pad(speed, width, mode="edge"), np.ones(2 * width + 1) / (2 * width + 1), mode="valid")
    lively = np.flatnonzero(smooth > 0.3 * np.median(smooth))
    margin = int(0.2 * fps)
    return max(int(lively[0]) - margin, 0), min(int(lively[-1]) + margin + 1, len(speed))


def sound_span(positions: Array, floor: float, first: int, last: int) -> tuple[int, int]:
    """Return the longest part of [first, last) in which no foot sinks into the floor."""
    lowest = positions[first:last, skeleton.CONTACT_JOINTS, 1].min(axis=1) - floor
    start, stop = max(contacts.runs(lowest > -SUNK_M), key=lambda run: run[1] - run[0])
    return first + start, first + stop


def per_beat(values: Array, beat_times_s: Array, fps: float) -> Array:
    """Return the mean of `values` (T,) over each beat (B-1,)."""
    edges = np.clip(np.round(beat_times_s * fps).astype(int), 0, len(values))
    return np.array([values[a : max(b, a + 1)].mean() for a, b in itertools.pairwise(edges)])


def rank_energy(made: Sequence[Made]) -> list[Made]:
    """Replace each beat's speed by its rank among all beats of the library, in [0, 1]."""
    speeds = np.sort(np.concatenate([m.clip.beat_energy for m in made]))
    scale = max(len(speeds) - 1, 1)
    return [
        replace(m, clip=replace(m.clip, beat_energy=np.searchsorted(speeds, m.clip.beat_energy) / scale)) for m in made
    ]


def _tags(source: source_clip.SourceClip, positions: Array) -> frozenset[str]:
    tags: dict[str, Any] = {
        "partner": styles.partner_of(source.id) is not None,
        "floor": _is_floor_work(positions),
        "grid": len(source.beat_grid_s) > 0,
        "loop": source.id.startswith("m2m_"),
        "air": bool(contacts.airborne(positions, source.fps).any()),
    }
    return frozenset(name for name, holds in tags.items() if holds)


def _is_floor_work(positions: Array) -> bool:
    parts = positions[:, [skeleton.INDEX["head"], skeleton.INDEX["hips"], *skeleton.WRISTS], 1]
    return bool(np.mean(parts.min(axis=1) < FLOOR_WORK_M) > 0.01)
