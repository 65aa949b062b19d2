"""What the show says over OSC: one vector of numbers per frame, the same for every profile.

The vector holds the scalars of `SHOW`, then for each dancer 23 x 3 joint coordinates, 7 numbers of the root, one
confidence, and 23 x 3 for the joints in the picture (x, y, seen). OSC alone counts dancers and beat-in-bar from 1 and
writes quaternions xyzw.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.broadcast.beat_count import BeatCount
from livedance.messages import ClockState, Levels, PoseFrame
from livedance.skeleton import N_JOINTS

SHOW: Final[dict[str, tuple[str, str, str]]] = {
    "frame": ("i", "0 …", "frame number of this output"),
    "time": ("f", "s", "show time: seconds since the start, never stops"),
    "beat/phase": ("f", "0–1", "ramp over one music beat; survives packet loss, unlike a bang"),
    "bar/phase": ("f", "0–1", "ramp over one bar"),
    "beat/count": ("i", "0 …", "music beats since the start"),
    "bar/count": ("i", "0 …", "bars since the start"),
    "beat/inbar": ("i", "1–4", "beat in the bar, counted from 1"),
    "beat/pulse": ("f", "1 → 0", "envelope that falls over each beat"),
    "beat/next_ms": ("f", "ms", "time to the next predicted beat, at the time of sending"),
    "bpm": ("f", "BPM", "music tempo"),
    "beat/confidence": ("f", "0–1", "how sure the beat is"),
    "beat/source": ("i", "0–5", "0 audio, 1 Link, 2 MIDI, 3 OSC, 4 tap, 5 free-run"),
    "section": ("i", "0–4", "0 intro, 1 groove, 2 break, 3 build, 4 drop"),
    "build": ("f", "0–1", "how far a build has risen"),
    "phrase/bar": ("i", "0–7", "bar in the eight-bar phrase"),
    "audio/rms": ("f", "0–1", "loudness, auto-gain"),
    "audio/energy": ("f", "0–1", "slow energy of the music"),
    "audio/bass": ("f", "0–1", "level of the low band"),
    "audio/mid": ("f", "0–1", "level of the middle band"),
    "audio/high": ("f", "0–1", "level of the high band"),
    "audio/onset": ("f", "0–1", "onset strength of this moment"),
    "dancer/count": ("i", "1 …", "places for dancers in this output; fixed for a run"),
    "latency/audio_ms": ("f", "ms", "age of the newest audio heard"),
    "latency/model_ms": ("f", "ms", "time to make one window of motion"),
    "latency/render_ms": ("f", "ms", "time to draw one picture"),
    "latency/total_ms": ("f", "ms", "sound heard to this packet"),
    "fps": ("f", "Hz", "frames sent per second"),
    "dropped": ("i", "0 …", "packets that could not be sent"),
    "state": (
        "i",
        "bits",
        "1 running, 2 frozen, 4 blackout, 8 audio lost, 16 GPU late, 32 flash limit active in the last second",
    ),
}
"""path -> (type, range, meaning) of each scalar, in the order of the vector."""

SHOW_SLOT: Final = {path: slot for slot, path in enumerate(SHOW)}
JOINT_VALUES: Final = 3 * N_JOINTS
ROOT_VALUES: Final = 7
CONF_SLOT: Final = JOINT_VALUES + ROOT_VALUES
PICTURE_SLOT: Final = CONF_SLOT + 1
DANCER_VALUES: Final = PICTURE_SLOT + JOINT_VALUES

STATE_RUNNING: Final = 1
STATE_FROZEN: Final = 2
STATE_BLACKOUT: Final = 4
STATE_AUDIO_LOST: Final = 8
STATE_GPU_LATE: Final = 16
STATE_FLASH_LIMIT: Final = 32

_WXYZ_TO_XYZW: Final = [1, 2, 3, 0]


@dataclass(frozen=True, slots=True, kw_only=True)
class OscStats:
    """How the show is doing, as OSC reports it."""

    audio_ms: float = 0.0
    model_ms: float = 0.0
    render_ms: float = 0.0
    total_ms: float = 0.0
    fps: float = 0.0
    dropped: int = 0
    state: int = STATE_RUNNING
    """Sum of the `STATE_*` bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OscFrame:
    """What one frame is made from; pose and beat are for `pose.t_s`, levels and time for now (`t_s`)."""

    pose: PoseFrame
    clock: ClockState
    levels: Levels
    t_s: float
    index: int = 0
    stats: OscStats = OscStats()
    picture: NDArray[np.floating] | None = None
    """(N, 23, 3) joints as a camera sees them: x right and y down, both 0-1, and 1 where seen."""


def dancer_slot(dancer: int) -> int:
    """Return where the values of `dancer` (from 0) begin."""
    return len(SHOW) + dancer * DANCER_VALUES


class ShowValues:
    """Keeps and fills the vector for a fixed number of dancers.

    A dancer who is not shown keeps the last pose with confidence 0, so the layout never changes; surplus dancers are
    left out. Non-finite numbers never leave: the value before stays.
    """

    def __init__(self, n_dancers: int) -> None:
        self.n_dancers = n_dancers
        self.values: NDArray[np.float64] = np.zeros(len(SHOW) + n_dancers * DANCER_VALUES)
        for dancer in range(n_dancers):
            self.values[dancer_slot(dancer) + CONF_SLOT - 1] = 1.0
        self._dancers = self.values[len(SHOW) :].reshape(n_dancers, DANCER_VALUES)

    def fill(self, frame: OscFrame) -> NDArray[np.float64]:
        """Return the vector for one frame."""
        scalars = _show_values(frame)
        scalars["dancer/count"] = self.n_dancers
        show = np.array([scalars[path] for path in SHOW])
        if not np.isfinite(show).all():
            show = np.where(np.isfinite(show), show, self.values[: len(SHOW)])
        self.values[: len(SHOW)] = show
        self._fill_dancers(frame.pose, frame.picture)
        return self.values

    def _fill_dancers(self, pose: PoseFrame, picture: NDArray[np.floating] | None) -> None:
        shown = min(self.n_dancers, len(pose.root_position_m))
        block = np.empty((shown, DANCER_VALUES))
        block[:, :JOINT_VALUES] = pose.joint_positions_m[:shown].reshape(shown, JOINT_VALUES)
        block[:, JOINT_VALUES : JOINT_VALUES + 3] = pose.root_position_m[:shown]
        block[:, JOINT_VALUES + 3 : CONF_SLOT] = pose.joint_rotations_wxyz[:shown, 0, _WXYZ_TO_XYZW]
        block[:, CONF_SLOT] = 1.0
        block[:, PICTURE_SLOT:] = 0.0 if picture is None else picture[:shown].reshape(shown, JOINT_VALUES)
        self._dancers[shown:, CONF_SLOT] = 0.0
        self._dancers[shown:, PICTURE_SLOT + 2 :: 3] = 0.0
        if np.isfinite(block).all():
            self._dancers[:shown] = block


def _show_values(frame: OscFrame) -> dict[str, float]:
    clock, levels, stats = frame.clock, frame.levels, frame.stats
    position = max(0.0, clock.position_at(frame.pose.t_s))
    count = math.floor(position)
    since_bar = position - clock.bar_start_beat
    bars = math.floor(since_bar / clock.meter)
    in_bar = since_bar - bars * clock.meter
    return {
        "frame": frame.index,
        "time": frame.t_s,
        "beat/phase": position - count,
        "bar/phase": in_bar / clock.meter,
        "beat/count": count,
        "bar/count": max(0, clock.bar_index + bars),
        "beat/inbar": min(clock.meter, math.floor(in_bar) + 1),
        "beat/pulse": (1.0 - position + count) ** 2,
        "beat/next_ms": 1000.0 * (count + 1 - position) / clock.beats_per_s,
        "bpm": clock.tempo_bpm,
        "beat/confidence": clock.confidence,
        "beat/source": int(clock.source),
        "section": int(clock.section),
        "build": clock.build,
        "phrase/bar": (clock.phrase_bar + bars) % 8,
        "audio/rms": levels.rms,
        "audio/energy": levels.energy,
        "audio/bass": levels.bass,
        "audio/mid": levels.mid,
        "audio/high": levels.high,
        "audio/onset": levels.onset,
        "latency/audio_ms": stats.audio_ms,
        "latency/model_ms": stats.model_ms,
        "latency/render_ms": stats.render_ms,
        "latency/total_ms": stats.total_ms,
        "fps": stats.fps,
        "dropped": stats.dropped,
        "state": stats.state,
    }


class BeatHit:
    """Says once per music beat that it falls now, `lead_ms` early if asked; silent while no beat is known."""

    def __init__(self, lead_ms: float = 0.0) -> None:
        self._lead_s = lead_ms / 1000.0
        self._beats = BeatCount()

    def step(self, clock: ClockState, t_s: float) -> int | None:
        """Return the beat in the bar (from 1) at the first call on or after a beat, else None."""
        beat = self._beats.passed(clock, t_s + self._lead_s)
        return None if beat is None else math.floor((beat - clock.bar_start_beat) % clock.meter) + 1
