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
from livedance.dance import marks
from livedance.dance.library import Clip
from livedance.errors import FileError
from livedance.evaluation import accents
from livedance.training import beat_map, contacts, despike, heads, solve, source_clip, styles, trim

Array = NDArray[np.floating]

FLOOR_WORK_M: Final = 0.3
"""A clip in which a hand, the head or the hips come under this height is tagged `floor`."""
MARGIN_S: Final = 0.2
"""Kept before the first and after the last beat, for the seams there."""
STIFF_HEAD_DEG: Final = 19.0
FREE_HEAD_DEG: Final = 24.0


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Solved:
    """One dancer of a take on our rig."""

    source: source_clip.SourceClip
    root_m: Array
    rotations_wxyz: Array
    positions_m: Array
    """(T, 23, 3) in the space of the take, which partners share."""
    n_raw: int
    bridged: int
    lost_heads: int


def make_take(paths: Sequence[Path]) -> list[Made]:
    """Return the clips of one take, one per dancer; their `beat_energy` is still a speed in m/s.

    Both partners of a couple keep the same frames and get one beat map, so that they stay together in beat time.
    """
    dancers = [_solve(path) for path in paths]
    fps = dancers[0].source.fps
    tracks = [d.positions_m for d in dancers]
    floors = _floors(tracks, fps)
    first, last = trim.dance_span(tracks, floors, fps)
    staged = [d.positions_m[first:last] - [0.0, floor, 0.0] for d, floor in zip(dancers, floors, strict=True)]
    mapped = beat_map.find_shared(staged, fps, dancers[0].source.beat_grid_s - first / fps)
    kept, mapped = _dancing(staged, mapped, fps)
    span = slice(first + kept.start, first + kept.stop)
    return [_made(d, span, floor, mapped) for d, floor in zip(dancers, floors, strict=True)]


def _solve(path: Path) -> _Solved:
    raw = source_clip.read(path)
    smooth, bridged = despike.repair(raw)
    too_high_deg = styles.HEADS_TOO_HIGH_DEG.get(styles.subject_of(smooth.id), 0.0)
    source, lost_heads = heads.repair(smooth, np.radians(too_high_deg))
    root, turned = solve.solve(source)
    capture = np.array([source.capture_xz_m[0], 0.0, source.capture_xz_m[1]])
    return _Solved(
        source=source,
        root_m=root,
        rotations_wxyz=turned,
        positions_m=skeleton.forward_kinematics(root, turned) + capture,
        n_raw=len(raw.positions_m),
        bridged=bridged,
        lost_heads=lost_heads,
    )


def _floors(tracks: Sequence[Array], fps: float) -> list[float]:
    first, last = trim.lively_span(tracks, fps)
    return [contacts.floor_height(track[first:last]) for track in tracks]


def _dancing(staged: Sequence[Array], mapped: beat_map.BeatMap, fps: float) -> tuple[slice, beat_map.BeatMap]:
    """Return the frames of `staged` to keep and the map of them: still beats at both ends are cut."""
    frames = marks.quarter_frames(mapped.beat_times_s, mapped.half_beat_times_s, fps, len(staged[0]))
    joints = [track[frames] for track in staged]
    first, last = trim.dance_beats(joints, frames / fps)
    start = max(int((mapped.beat_times_s[first] - MARGIN_S) * fps), 0)
    stop = min(int(np.ceil((mapped.beat_times_s[last] + MARGIN_S) * fps)) + 1, len(staged[0]))
    shorter = replace(
        mapped,
        beat_times_s=mapped.beat_times_s[first : last + 1] - start / fps,
        half_beat_times_s=mapped.half_beat_times_s[first:last] - start / fps,
    )
    return slice(start, stop), shorter


def _made(dancer: _Solved, span: slice, floor_m: float, mapped: beat_map.BeatMap) -> Made:
    """Return one dancer's clip of the frames in `span`: floor at 0, x and z of the hips 0 in the first frame."""
    source, positions = dancer.source, dancer.positions_m[span]
    x, _, z = positions[0, 0]
    place = np.array([x, floor_m, z])
    to_take = dancer.positions_m[0, 0] - dancer.root_m[0]
    turned = dancer.rotations_wxyz[span]
    grid_s = source.beat_grid_s - span.start / source.fps
    error = np.linalg.norm(positions - to_take - source.positions_m[span], axis=-1)
    clip = _clip(source, dancer.root_m[span] + to_take - place, turned, mapped, (float(x), float(z)))
    report: dict[str, float | str] = {
        "id": source.id,
        "seconds": clip.duration_s,
        "cut_s": (dancer.n_raw - len(positions)) / source.fps,
        "bridged_frames": dancer.bridged,
        "lost_heads": dancer.lost_heads,
        "floor_m": floor_m,
        "turn_ratio": turn_ratio(source, turned),
        "error_mean_m": float(error.mean()),
        "error_p99_m": float(np.percentile(error, 99)),
    }
    return Made(
        clip=clip,
        attribution=str(source.meta["attribution"]),
        beat_grid_s=grid_s,
        report=report,
        errors=error.ravel(),
        source_positions_m=source.positions_m[span] + to_take - place,
    )


def _clip(
    source: source_clip.SourceClip, root: Array, turned: Array, mapped: beat_map.BeatMap, origin: tuple[float, float]
) -> Clip:
    positions = skeleton.forward_kinematics(root, turned)
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
        origin_xz_m=origin,
        damped=damped_of(turned),
    )


def damped_of(turned: Array) -> float:
    """Return how stiff the head of a clip is against its chest, [0, 1], from rotations (T, 23, 4).

    Measured: 5 to 19 degrees (90th percentile, from the mean) in the clips that passed through a robot without a neck,
    24 and more in those of people.
    """
    head = rotations.multiply(turned[:, skeleton.INDEX["neck"]], turned[:, skeleton.INDEX["head"]])
    mean = rotations.normalise(rotations.align_signs(head, head[:1]).mean(axis=0))
    away = np.linalg.norm(rotations.to_rotvec(rotations.multiply(rotations.conjugate(mean), head)), axis=-1)
    range_deg = float(np.degrees(np.percentile(away, 90)))
    return float(np.clip((FREE_HEAD_DEG - range_deg) / (FREE_HEAD_DEG - STIFF_HEAD_DEG), 0.0, 1.0))


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
    takes: dict[str, list[Path]] = {}
    for file in files:
        takes.setdefault(styles.take_of(file.stem), []).append(file)
    made = []
    for paths in takes.values():
        for path in paths:
            progress(path.stem)
        made += make_take(paths)
    return rank_energy(share_damping(sorted(made, key=lambda m: m.clip.id)))


def per_beat(values: Array, beat_times_s: Array, fps: float) -> Array:
    """Return the mean of `values` (T,) over each beat (B-1,)."""
    edges = np.clip(np.round(beat_times_s * fps).astype(int), 0, len(values))
    return np.array([values[a : max(b, a + 1)].mean() for a, b in itertools.pairwise(edges)])


def share_damping(made: Sequence[Made]) -> list[Made]:
    """Replace each clip's `damped` by the median of its subject's: it tells of the capture, not of one calm phrase."""
    by_subject: dict[str, list[float]] = {}
    for m in made:
        by_subject.setdefault(styles.subject_of(m.clip.id), []).append(m.clip.damped)
    medians = {subject: float(np.median(values)) for subject, values in by_subject.items()}
    return [replace(m, clip=replace(m.clip, damped=medians[styles.subject_of(m.clip.id)])) for m in made]


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
        "leads": styles.leads(source.id),
        "floor": _is_floor_work(positions),
        "grid": len(source.beat_grid_s) > 0,
        "loop": source.id.startswith("m2m_"),
        "air": bool(contacts.airborne(positions, source.fps).any()),
    }
    return frozenset(name for name, holds in tags.items() if holds)


def _is_floor_work(positions: Array) -> bool:
    parts = positions[:, [skeleton.INDEX["head"], skeleton.INDEX["hips"], *skeleton.WRISTS], 1]
    return bool(np.mean(parts.min(axis=1) < FLOOR_WORK_M) > 0.01)
