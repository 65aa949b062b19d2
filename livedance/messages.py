"""Every record that crosses from one stage to the next; frozen, keyword-only, NumPy only.

Flow: AudioBlock -> Hop -> BeatEstimate -> (ClockState) -> MotionWindow -> PoseFrame -> RenderedFrame -> sinks.
Live wishes travel the other way as one `Controls` record, replaced whole and read once a hop.
Arrays are read-only after construction. A field with a unit ends in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livedance.skeleton import N_JOINTS

F32 = NDArray[np.float32]
Array = NDArray[np.floating]

SAMPLES_PER_BEAT: Final = 16
"""Samples of motion per dance beat."""
WINDOW_SAMPLES: Final = 32
"""Samples in one window: two dance beats, the first committed, the second a reserve."""
COMMIT_SAMPLES: Final = 16
SEAM_PHASE: Final = 0.5
"""Windows start half-way between beats, so that a seam never sits on an accent."""
KEEP_BEATS: Final = 12.0
"""Dance beats of past score that players and the stage keep."""

HOP_RATE_HZ: Final = 44_100
HOP_SAMPLES: Final = 512


class Source(IntEnum):
    """Where the beat comes from (numbers: wire and OSC)."""

    AUDIO = 0
    LINK = 1
    MIDI = 2
    OSC = 3
    TAP = 4
    FREE_RUN = 5


class LockState(IntEnum):
    """What the beat clock is doing (numbers: wire)."""

    SEARCHING = 0
    LOCKED = 1
    FREE_WHEEL = 2
    EXTERNAL = 3


class Section(IntEnum):
    """Section of the music (numbers: wire and OSC)."""

    INTRO = 0
    GROOVE = 1
    BREAK = 2
    BUILD = 3
    DROP = 4


class Hand(IntEnum):
    """Hand poses (numbers: wire)."""

    RELAXED = 0
    FIST = 1
    FLAT = 2
    POINT = 3
    SPREAD = 4


class Origin(IntEnum):
    """Who made a window (numbers: wire)."""

    NETWORK = 0
    MOTION_GRAPH = 1
    IDLE = 2
    PROBE = 3


def _fits(shape: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    return len(shape) == len(wanted) and all(w is None or w == s for s, w in zip(shape, wanted, strict=True))


def _freeze(record: object, name: str, dtype: type, shape: tuple[int | None, ...]) -> None:
    given = getattr(record, name)
    value: NDArray[Any] = np.asarray(given, dtype=dtype)
    if value.shape != shape and not _fits(value.shape, shape):
        raise ValueError(f"{type(record).__name__}.{name} has shape {value.shape}, expected {shape}")
    if not value.flags.writeable and value is given:
        return  # what a player or the wire has made and frozen itself
    if value is given:
        value = value.copy()
    value.flags.writeable = False
    object.__setattr__(record, name, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioBlock:
    """What a device delivers at once."""

    index: int
    t_s: float
    """Stream time of the first sample: sample index / rate, lost samples counted in."""
    sample_rate_hz: int
    samples: F32
    """(N, C) float32 in [-1, 1]."""
    lost_samples: int = 0
    """Samples lost since the block before."""
    device_t_s: float | None = None
    """The device's own monotonic stamp of the first sample (machine monotonic seconds), or None."""

    def __post_init__(self) -> None:
        _freeze(self, "samples", np.float32, (None, None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One analysis step: mono samples at the model rate."""

    index: int
    t_s: float
    """Stream time of the END of the hop."""
    samples: F32
    """(hop,) float32 mono at `HOP_RATE_HZ`."""
    heard: bool = True
    """False when the hop stands in for lost audio."""

    def __post_init__(self) -> None:
        _freeze(self, "samples", np.float32, (None,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """Loudness of the moment, auto-gained to 0-1 (wire 0x14, OSC audio/*)."""

    rms: float = 0.0
    bass: float = 0.0
    mid: float = 0.0
    high: float = 0.0
    onset: float = 0.0
    energy: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What one hop sounds like, before any beat is known. Causal; same code live and in training."""

    t_s: float
    """Stream time of the END of the hop."""
    rms_db: float
    """Level of the hop in dBFS before auto-gain; -120 for digital silence."""
    levels: Levels
    onset_low: float
    """Half-wave flux of the band below 150 Hz, auto-gained, >= 0."""
    onset_mid: float
    onset_high: float
    brightness: float
    """Spectral centroid mapped to 0-1 on a log axis (100 Hz .. 8 kHz)."""
    is_silent: bool
    """True after 0.65 s below -50 dBFS."""
    heard: bool = True
    spectrum: F32 | None = field(default=None, compare=False, repr=False)
    """Magnitudes, up to 16 kHz, of the 1,024 samples that end with the hop (Hann window, a full-scale sine is 1): for
    trackers that would else transform them again; None where nothing was heard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BeatEstimate:
    """What a tracker knows at the end of one hop."""

    index: int
    t_s: float
    """Stream time of the END of the hop."""
    tempo_bpm: float
    """0 before the first lock."""
    confidence: float
    beat_position: float | None
    """Music beats at `t_s`, an integer exactly on a beat, never decreasing; None before the first lock."""
    bar_phase: float
    """[0, 1)."""
    bar_index: int
    phrase_bar: int
    """0-7."""
    is_beat: bool
    is_downbeat: bool
    next_beat_s: float | None
    """Absolute stream time, > t_s."""
    onset_strength: float
    section: Section = Section.INTRO
    build: float = 0.0
    source: Source = Source.AUDIO
    epoch: int = 0
    """Goes up by one when the tracker, itself sure, begins another line: the clock need not wait for proof."""
    knows_bars: bool = False
    """Whether bar line and `phrase_bar` are heard by a tracker with patience of its own: the clock follows at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockState:
    """The beat clock at `t_s`; `position_at` and its inverse are valid into the future."""

    t_s: float = 0.0
    beat_position: float = 0.0
    """Music beats at `t_s`."""
    beats_per_s: float = 2.0
    dance_ratio: float = 1.0
    """1/2, 1 or 2 dance beats per music beat."""
    dance_offset: float = 0.0
    bar_start_beat: float = 0.0
    """Music beat on which the current bar began."""
    confidence: float = 0.0
    source: Source = Source.FREE_RUN
    state: LockState = LockState.SEARCHING
    epoch: int = 0
    """Goes up by one when the position jumps; a player's position never goes back within an epoch."""
    bar_index: int = 0
    phrase_bar: int = 0
    meter: int = 4
    section: Section = Section.INTRO
    build: float = 0.0

    def position_at(self, t_s: float) -> float:
        """Return music beats at `t_s`."""
        return self.beat_position + (t_s - self.t_s) * self.beats_per_s

    def time_at(self, beat_position: float) -> float:
        """Return the time at which `beat_position` music beats is reached."""
        return self.t_s + (beat_position - self.beat_position) / self.beats_per_s

    def dance_at(self, t_s: float) -> float:
        """Return dance beats at `t_s`."""
        return self.dance_offset + self.dance_ratio * self.position_at(t_s)

    def time_of_dance(self, dance_position: float) -> float:
        """Return the time at which `dance_position` dance beats is reached."""
        return self.time_at((dance_position - self.dance_offset) / self.dance_ratio)

    @property
    def tempo_bpm(self) -> float:
        """Music tempo."""
        return 60.0 * self.beats_per_s


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionWindow:
    """Motion of one source dancer in beat time; sample i lies at beat_start + i / samples_per_beat."""

    beat_start: float
    """Dance beats."""
    root_position_m: Array
    """(T, 3) hips in stage space, floor at y = 0."""
    joint_rotations_wxyz: Array
    """(T, 23, 4) unit; [:, 0] hips in the world, the rest parent-local."""
    foot_contact: Array
    """(T, 4) in [0, 1]: left heel, left toe, right heel, right toe."""
    hands: NDArray[np.uint8]
    """(T, 2) hand pose ids, left and right; 0 relaxed, 1 fist, 2 flat, 3 point, 4 spread."""
    plan: int
    """The highest plan wins from its `beat_start` on."""
    dancer: int = 0
    samples_per_beat: int = SAMPLES_PER_BEAT
    seam_samples: int = 0
    """0 = continues the window before; else samples over which a player inertialises."""
    origin: Origin = Origin.MOTION_GRAPH
    style: str = ""

    def __post_init__(self) -> None:
        _freeze(self, "root_position_m", np.float64, (None, 3))
        n = len(self.root_position_m)
        _freeze(self, "joint_rotations_wxyz", np.float64, (n, N_JOINTS, 4))
        _freeze(self, "foot_contact", np.float64, (n, 4))
        _freeze(self, "hands", np.uint8, (n, 2))

    @property
    def beat_end(self) -> float:
        """First dance beat after the window (half-open)."""
        return self.beat_start + len(self.root_position_m) / self.samples_per_beat


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDancer:
    """One dancer on stage, made from a source dancer (`state.arrangement`)."""

    id: int
    source: int = 0
    mirror: bool = False
    lag_beats: float = 0.0
    """0-8 dance beats behind the source (canon)."""
    x_m: float = 0.0
    z_m: float = 0.0
    yaw_rad: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """Who is shown, from a given dance beat on."""

    beat: float = 0.0
    dancers: tuple[ShownDancer, ...] = (ShownDancer(id=0),)


@dataclass(frozen=True, slots=True, kw_only=True)
class PoseFrame:
    """The shown dancers at one presentation time."""

    t_s: float
    beat_position: float
    """Music beats."""
    dance_position: float
    root_position_m: Array
    """(N, 3)"""
    joint_rotations_wxyz: Array
    """(N, 23, 4)"""
    joint_positions_m: Array
    """(N, 23, 3) world."""
    origin: NDArray[np.uint8]
    """(N,) `Origin` numbers."""
    hands: NDArray[np.uint8]
    """(N, 2)"""
    foot_contact: Array
    """(N, 4)"""

    def __post_init__(self) -> None:
        _freeze(self, "root_position_m", np.float64, (None, 3))
        n = len(self.root_position_m)
        _freeze(self, "joint_rotations_wxyz", np.float64, (n, N_JOINTS, 4))
        _freeze(self, "joint_positions_m", np.float64, (n, N_JOINTS, 3))
        _freeze(self, "origin", np.uint8, (n,))
        _freeze(self, "hands", np.uint8, (n, 2))
        _freeze(self, "foot_contact", np.float64, (n, 4))


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedFrame:
    """A drawn picture of one pose frame."""

    pose: PoseFrame
    image: NDArray[np.uint8]
    """(H, W, 4) BGRA, straight alpha."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """Everything a person can change while the show runs; replaced whole, read once a hop."""

    version: int = 0
    style: str = "auto"
    """A style, a mix ("club:2+jazz:1") or auto."""
    auto_style: str = ""
    """What `auto` stands for at the moment; empty until it has been decided (`director`)."""
    director: bool = True
    """Whether the director decides company, formation, scene, palette and camera."""
    energy: float | None = None
    """Hand-set energy [0, 1]; None follows the music."""
    groove: float = 0.35
    """Amount of the groove layer [0, 1]."""
    dancers: int = 1
    formation: str = "unison"
    """unison, mirror, canon or individuals."""
    mirror: bool = False
    freeze: bool = False
    blackout: bool = False
    blackout_fade_ms: float = 60.0
    look: str = ""
    palette: int = 0
    scene: int = 1
    camera: str = "front"
    camera_yaw_deg: float = 0.0
    """With the next three: where people moved the camera from its preset; choosing a preset puts it back."""
    camera_dist_m: float = 0.0
    camera_x_m: float = 0.0
    camera_y_m: float = 0.0
    hold: bool = False
    tempo_lock: bool = False
    tempo_source: str = "audio"
    delay_ms: dict[str, float] = field(default_factory=dict)
    """Extra delay per output, by output name."""
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One act of a person, stamped with the hop at which it takes effect.

    op: tap, nudge_ms, half, resync, tempo, tempo_lock, hit, phrase_new, hold, drop, reset, double, or
    `set` (args = fields of Controls).
    """

    op: str
    value: float | None = None
    args: dict[str, Any] = field(default_factory=dict)
    source: str = "keyboard"
    hop: int | None = None
    """Index of the hop before which it acts; the brain fills it in."""
