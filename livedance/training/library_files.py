"""Writes the motion library: the compact arrays, the manifest with every clip's terms, and the split by take."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from livedance import skeleton
from livedance.dance import motion_codec
from livedance.dance.library import ARRAYS, FORMAT, MANIFEST, Clip
from livedance.errors import FileError
from livedance.training import styles
from livedance.training.motion_library import Made


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
            f"origin_xz_m = [{c.origin_xz_m[0]:.4f}, {c.origin_xz_m[1]:.4f}]",
            f"damped = {c.damped:.2f}",
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
