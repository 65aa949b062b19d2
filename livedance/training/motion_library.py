"""Makes `models/motion_library` from the raw dance data: solve, trim, contacts, beat map, energy, one compact file."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livedance import skeleton
from livedance.dance import motion_codec
from livedance.dance.library import ARRAYS, FORMAT, MANIFEST, Clip
from livedance.errors import FileError
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
    note: str
    report: dict[str, float | str | bool]


def make_clip(path: Path) -> Made:
    """Return one raw take as a clip of the library; its `beat_energy` is still a speed in m/s."""
    raw = source_clip.read(path)
    source, bridged = despike.repair(raw)
    root, turned = solve.solve(source)
    positions = skeleton.forward_kinematics(root, turned)
    error = np.linalg.norm(positions - source.positions_m, axis=-1)
    first, last = lively_span(positions, source.fps)
    floor = contacts.floor_height(positions[first:last])
    first, last = sound_span(positions, floor, first, last)
    root, turned = root[first:last] - [root[first, 0], floor, root[first, 2]], turned[first:last]
    positions = skeleton.forward_kinematics(root, turned)
    mapped = beat_map.find(positions, source.fps, grid_s=source.beat_grid_s - first / source.fps)
    speed = joint_speed(positions, source.fps)
    clip = Clip(
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
    report = {
        "id": source.id,
        "seconds": len(root) / source.fps,
        "cut_s": (len(raw.positions_m) - len(root)) / source.fps,
        "bridged_frames": bridged,
        "floor_m": floor,
        "error_mean_m": float(error.mean()),
        "error_p99_m": float(np.percentile(error, 99)),
    }
    return Made(
        clip=clip, attribution=str(source.meta["attribution"]), note=str(source.meta.get("note") or ""), report=report
    )


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
    speed = joint_speed(positions, fps)
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


def joint_speed(positions: Array, fps: float) -> Array:
    """Return the mean joint speed (T,), m/s, of the 18 body joints."""
    return np.linalg.norm(np.gradient(positions[:, :18], axis=0), axis=-1).mean(axis=1) * fps


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


def write(made: Sequence[Made], folder: Path, commit: str) -> None:
    """Write `library.npz`, `manifest.toml` and `splits.toml` under `folder`; raises `FileError`."""
    clips = [m.clip for m in made]
    planes, largest = motion_codec.encode_rotations(np.concatenate([c.joint_rotations_wxyz for c in clips]))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(
            folder / ARRAYS,
            rotations=planes,
            largest=largest,
            root=motion_codec.encode_root(np.concatenate([c.root_position_m for c in clips])),
            contact=np.round(np.concatenate([c.foot_contact for c in clips]).T * 255).astype(np.uint8),
            beat_times_s=np.concatenate([c.beat_times_s for c in clips]).astype(np.float32),
            half_beat_times_s=np.concatenate([c.half_beat_times_s for c in clips]).astype(np.float32),
            beat_energy=np.concatenate([c.beat_energy for c in clips]).astype(np.float32),
        )
        (folder / MANIFEST).write_text(manifest(made, commit), encoding="utf-8")
        (folder / "splits.toml").write_text(splits(clips), encoding="utf-8")
    except OSError as error:
        raise FileError(f"'{folder}' cannot be written ({error.strerror}): choose another folder with --out") from error


def manifest(made: Sequence[Made], commit: str) -> str:
    """Return the text of `manifest.toml`: what is in the file, whose it is and under which terms."""
    fps = made[0].clip.fps
    lines = [
        "# Made by `livedance train library`; do not edit.",
        f"format = {FORMAT}",
        f'skeleton = "{skeleton.NAME}"',
        f"fps = {fps:g}",
        f'commit = "{commit}"',
        "terms = [",
        *(f"  {json.dumps(line)}," for line in TERMS),
        "]",
    ]
    for m in made:
        c = m.clip
        lines += [
            "",
            "[[clip]]",
            f'id = "{c.id}"',
            f'style = "{c.style}"',
            f"tags = {json.dumps(sorted(c.tags))}",
            *([f'partner = "{c.partner}"'] if c.partner else []),
            f"frames = {len(c.root_position_m)}",
            f"beats = {c.n_beats}",
            f"native_bpm = {c.native_bpm:.2f}",
            f"confidence = {c.confidence:.3f}",
            f"licence = {json.dumps(c.licence)}",
            f"source = {json.dumps(c.source)}",
            f"attribution = {json.dumps(m.attribution)}",
        ]
    return "\n".join(lines) + "\n"


TERMS: Final = (
    "Clips keep the licence and attribution that stand beside them; see NOTICE.",
    "CMU clips: free for research and commercial products; the data may not be resold by itself, even converted.",
    "Changed from the sources: rotations solved on one rig, floor set, ends cut, foot contacts and beat maps added.",
)


def splits(clips: Sequence[Clip]) -> str:
    """Return the text of `splits.toml`: by take, partners of a couple together; the motion graph uses all clips."""
    groups: dict[str, list[Clip]] = {"train": [], "held_out": []}
    for c in clips:
        groups["held_out" if c.id in styles.HELD_OUT else "train"].append(c)
    lines = ["# Split by take; both partners of a couple are one take. Made by `livedance train library`."]
    for name, members in groups.items():
        lines += ["", f"[{name}]", f"seconds = {sum(c.duration_s for c in members):.1f}", "clips = ["]
        lines += [f'  "{c.id}",' for c in members] + ["]"]
    lines += ["", "[subjects]"]
    for subject in sorted({styles.subject_of(c.id) for c in clips}):
        ids = [c.id for c in clips if styles.subject_of(c.id) == subject]
        lines.append(f"{subject} = {json.dumps(ids)}")
    return "\n".join(lines) + "\n"


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
