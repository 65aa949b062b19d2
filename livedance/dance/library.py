"""The motion library: real dance with canonical rotations, foot contacts and a beat map for every clip.

`models/motion_library/` holds `library.npz` (compact arrays of all clips, one after the other; see `motion_codec`) and
`manifest.toml` (what each clip is, whose it is, and under which terms). Clips are in clock time at 30 frames a second;
`beat_motion` gives the same dance in beat time, 16 samples a beat, which is what the dance is made of.
"""

from __future__ import annotations

import hashlib
import io
import tomllib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livedance import paths, skeleton
from livedance.dance import beat_samples, motion_codec
from livedance.errors import ModelError

Array = NDArray[np.floating]

NAME: Final = "motion_library"
ARRAYS: Final = "library.npz"
MANIFEST: Final = "manifest.toml"
FORMAT: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One take in clock time. Arrays are read-only; x and z of the hips are 0 in the first frame."""

    id: str
    style: str
    licence: str
    source: str
    fps: float
    root_position_m: Array
    """(T, 3) hips, floor at y = 0."""
    joint_rotations_wxyz: Array
    """(T, 23, 4) unit, parent-local; [:, 0] the hips in the world."""
    foot_contact: Array
    """(T, 4) in [0, 1], order `skeleton.CONTACT_JOINTS`."""
    beat_times_s: Array
    """(B,) clip seconds of the dance beats 0..B-1, strictly increasing."""
    native_bpm: float
    """80-160; played at this tempo the clip's time runs within 20 % of the clock everywhere."""
    beat_energy: Array
    """(B-1,) in [0, 1]: rank of the beat's mean joint speed among all beats of the library."""
    confidence: float
    """[0, 1]: how sure it is that the stops of the motion lie on the beat map."""
    tags: frozenset[str] = frozenset()
    """partner, leads (of the two partners), floor, grid, loop, air."""
    partner: str | None = None
    """Id of the clip of the partner in the same take."""
    half_beat_times_s: Array | None = None
    """(B-1,) clip seconds of the half-beats, or None where they lie in the middle."""
    origin_xz_m: tuple[float, float] = (0.0, 0.0)
    """Where x = z = 0 of the clip lies in the space of its take, which it shares with its partner."""
    damped: float = 0.0
    """[0, 1] by the measured head range of the clip's subject: 1 passed through a robot, stiff above the shoulders."""

    @property
    def n_beats(self) -> int:
        """Whole dance beats that can be sampled."""
        return len(self.beat_times_s) - 1

    @property
    def duration_s(self) -> float:
        """Length of the clip in clock time."""
        return len(self.root_position_m) / self.fps


@dataclass(frozen=True, slots=True, kw_only=True)
class BeatMotion:
    """One clip in beat time: sample i lies at beat i / 16; S = 16 (B - 1)."""

    clip: Clip
    root_position_m: Array
    """(S, 3)"""
    joint_rotations_wxyz: Array
    """(S, 23, 4)"""
    foot_contact: Array
    """(S, 4)"""
    joint_positions_m: Array
    """(S, 23, 3) world, by forward kinematics."""


class MotionLibrary:
    """All clips. Immutable but for its cache; one thread at a time."""

    def __init__(self, clips: tuple[Clip, ...], folder: Path | None = None, fingerprint: str = "") -> None:
        self.clips = clips
        self.folder = folder
        """Where it was read ..."""
        self.fingerprint = fingerprint
        """... and which bytes were there."""
        self._by_id = {clip.id: clip for clip in clips}
        self._beat_motions: dict[str, BeatMotion] = {}

    @classmethod
    def load(cls, path: Path | None = None) -> MotionLibrary:
        """Read the library at `path` (default: the one that ships); raises `ModelError` when it is damaged."""
        folder = paths.model_dir(NAME) if path is None else path
        try:
            text, data = (folder / MANIFEST).read_bytes(), (folder / ARRAYS).read_bytes()
            manifest = tomllib.loads(text.decode())
            with np.load(io.BytesIO(data), allow_pickle=False) as archive:
                arrays = {name: archive[name] for name in archive.files}
            return cls(_clips(manifest, arrays), folder, hashlib.sha256(text + data).hexdigest())
        except (OSError, ValueError, KeyError, TypeError, IndexError, EOFError, zipfile.BadZipFile) as error:
            raise ModelError(
                f"the motion library in '{folder}' cannot be read ({error}): reinstall livedance, "
                "or make it again with 'livedance train library'"
            ) from error

    @classmethod
    @cache
    def shipped(cls) -> MotionLibrary:
        """Return the library that ships; read once (0.5 s), then shared by everybody in the process."""
        return cls.load()

    @property
    def styles(self) -> tuple[str, ...]:
        """Style names in use, sorted."""
        return tuple(sorted({clip.style for clip in self.clips}))

    def clip(self, clip_id: str) -> Clip:
        """Return one clip; raises `ModelError` for an unknown id."""
        if clip_id not in self._by_id:
            raise ModelError(f"the motion library has no clip '{clip_id}'")
        return self._by_id[clip_id]

    def beat_motion(self, clip_id: str) -> BeatMotion:
        """Return a clip in beat time; computed on first use (about 10 ms), then kept."""
        if clip_id not in self._beat_motions:
            self._beat_motions[clip_id] = in_beat_time(self.clip(clip_id))
        return self._beat_motions[clip_id]


@cache
def style_names(path: Path | None = None) -> tuple[str, ...]:
    """Return the styles of the shipped library from its manifest alone (15 ms, once; no motion is read)."""
    folder = path or paths.model_dir("motion_library")
    try:
        manifest = tomllib.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return tuple(sorted({str(entry["style"]) for entry in manifest["clip"]}))
    except (OSError, KeyError, ValueError) as error:
        raise ModelError(f"the motion library in '{folder}' is damaged ({error}): reinstall livedance") from error


def in_beat_time(clip: Clip) -> BeatMotion:
    """Sample a clip 16 times a beat by its beat map."""
    frames = beat_samples.sample_times(clip.beat_times_s, clip.half_beat_times_s) * clip.fps
    root = beat_samples.cubic(np.asarray(clip.root_position_m, dtype=np.float64), frames)
    turned = beat_samples.sample_rotations(clip.joint_rotations_wxyz, frames)
    contact = beat_samples.sample_linear(np.asarray(clip.foot_contact, dtype=np.float64), frames)
    positions = skeleton.forward_kinematics(root, turned)
    return BeatMotion(
        clip=clip,
        root_position_m=_frozen(root),
        joint_rotations_wxyz=_frozen(turned),
        foot_contact=_frozen(contact),
        joint_positions_m=_frozen(positions),
    )


def _frozen(array: Array) -> Array:
    array.flags.writeable = False
    return array


def _clips(manifest: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> tuple[Clip, ...]:
    if manifest["format"] != FORMAT:
        raise ValueError(f"it has format {manifest['format']}, this livedance reads {FORMAT}")
    if manifest["skeleton"] != skeleton.NAME:
        raise ValueError(f"it is for the skeleton '{manifest['skeleton']}', not '{skeleton.NAME}'")
    entries = manifest["clip"]
    root = _frozen(motion_codec.decode_root(arrays["root"]))
    turned = _frozen(motion_codec.decode_rotations(arrays["rotations"], arrays["largest"]))
    contact = _frozen((arrays["contact"].astype(np.float32) / 255.0).T)
    beats, half_beats = (_frozen(arrays[name].astype(np.float64)) for name in ("beat_times_s", "half_beat_times_s"))
    energy = _frozen(arrays["beat_energy"].astype(np.float64))
    n_frames = sum(entry["frames"] for entry in entries)
    n_beats = sum(entry["beats"] for entry in entries)
    if not len(root) == len(turned) == len(contact) == n_frames:
        raise ValueError(f"it has {len(root)} frames where its manifest counts {n_frames}")
    if not len(beats) - len(entries) == len(energy) == len(half_beats) == n_beats:
        raise ValueError(f"it has {len(energy)} beats where its manifest counts {n_beats}")
    clips, frame, beat = [], 0, 0
    for i, entry in enumerate(entries):
        frames, n = slice(frame, frame + entry["frames"]), entry["beats"]
        clips.append(
            Clip(
                id=entry["id"],
                style=entry["style"],
                licence=entry["licence"],
                source=entry["source"],
                fps=float(manifest["fps"]),
                root_position_m=root[frames],
                joint_rotations_wxyz=turned[frames],
                foot_contact=contact[frames],
                beat_times_s=beats[beat + i : beat + i + n + 1],
                half_beat_times_s=half_beats[beat : beat + n],
                native_bpm=float(entry["native_bpm"]),
                beat_energy=energy[beat : beat + n],
                confidence=float(entry["confidence"]),
                tags=frozenset(entry["tags"]),
                partner=entry.get("partner"),
                origin_xz_m=_pair(entry["origin_xz_m"]),
                damped=float(entry["damped"]),
            )
        )
        frame, beat = frame + entry["frames"], beat + n
    return tuple(clips)


def _pair(values: Any) -> tuple[float, float]:
    x, z = values
    return float(x), float(z)
