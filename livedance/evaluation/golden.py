"""Writes the golden vectors that every reader of the wire and every score player has to pass.

    python -m livedance.evaluation.golden --out tests/golden

`wire.json`: messages as base64 beside their values, and odd bytes that must be refused. `player.json`: scripts of
windows, clock states and arrangements with the poses that a player shows (the algorithm is docs/conventions.md).
Motion is made of sines: short, smooth, every joint moving, contacts that switch often, so that each rule shows.
"""

from __future__ import annotations

import argparse
import base64
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from livedance import rotations, skeleton
from livedance.broadcast import text, wire
from livedance.dance.player import ScorePlayer
from livedance.messages import (
    SAMPLES_PER_BEAT,
    WINDOW_SAMPLES,
    Arrangement,
    ClockState,
    LockState,
    MotionWindow,
    Origin,
    Section,
    ShownDancer,
    Source,
)

TOLERANCE_M: Final = 1e-4
"""How far a joint may lie from its golden place."""
TOLERANCE_BEATS: Final = 1e-6

Step = dict[str, Any]


def window(
    beat_start: float,
    plan: int,
    *,
    dancer: int = 0,
    origin: Origin = Origin.MOTION_GRAPH,
    seam_samples: int = 0,
    phase: float = 0.0,
    samples: int = WINDOW_SAMPLES,
) -> MotionWindow:
    """Return a window of the synthetic dance; windows of one dancer, phase and origin continue one another."""
    beat = beat_start + np.arange(samples) / SAMPLES_PER_BEAT
    phase += 1.7 * dancer
    turns = np.zeros((samples, skeleton.N_JOINTS, 3))
    for joint in set(range(skeleton.N_JOINTS)) - set(skeleton.LEAVES):
        turns[:, joint, 0] = 0.3 * np.sin(math.pi * beat + joint + phase)
        turns[:, joint, 2] = 0.25 * np.cos(0.5 * math.pi * beat + 2 * joint + phase)
    turns[:, 0, 1] += 0.5 * np.sin(beat + phase)
    root = np.stack(
        [
            0.3 * np.sin(0.7 * beat + phase),
            0.93 + 0.02 * np.cos(2 * math.pi * beat),
            0.2 * np.cos(0.5 * beat + phase),
        ],
        axis=-1,
    )
    left = (np.floor(beat) % 2 == 0).astype(float)
    contact = np.stack([left, left, 1 - left, 0.6 * (1 - left)], axis=-1)
    hands = np.stack([np.floor(beat) % 5, np.floor(2 * beat) % 5], axis=-1).astype(np.uint8)
    return wire.quantised(
        MotionWindow(
            beat_start=beat_start,
            root_position_m=root,
            joint_rotations_wxyz=rotations.from_rotvec(turns),
            foot_contact=contact,
            hands=hands,
            plan=plan,
            dancer=dancer,
            origin=origin,
            seam_samples=seam_samples,
        )
    )


# --- the player's scripts ---------------------------------------------------------------------------------------------


class Script:
    """One scene: what a player is told and asked, in order; the answers come from our own player."""

    def __init__(self, name: str, *, delay_s: float = 0.0) -> None:
        self.name = name
        self.delay_s = delay_s
        self.steps: list[Step] = []
        self._player = ScorePlayer(delay_s=delay_s)

    def window(self, motion: MotionWindow, t_s: float | None = None) -> None:
        """Tell of a window, known at `t_s`."""
        self.steps.append({"op": "window", "bytes": _base64(wire.encode_window(motion)), "t_s": t_s})
        self._player.add(wire.motion_window(_window(self.steps[-1]["bytes"])), t_s)

    def windows(self, starts: Iterable[float], plan: int = 0, **how: Any) -> None:
        """Tell of windows at `starts` with rising plans."""
        for i, start in enumerate(starts):
            self.window(window(start, plan + i, **how))

    def clock(self, state: ClockState) -> None:
        """Tell of a clock state."""
        data = wire.encode_clock(state)
        self.steps.append({"op": "clock", "bytes": _base64(data)})
        message = wire.decode(data)
        assert isinstance(message, wire.Clock)
        self._player.set_clock(wire.clock_state(message))

    def arrangement(self, arrangement: Arrangement, t_s: float | None = None) -> None:
        """Tell of an arrangement, known at `t_s`."""
        self.steps.append({"op": "arrangement", "t_s": t_s, "arrangement": text.arrangement_fields(arrangement)})
        self._player.set_arrangement(arrangement, t_s)

    def poses(self, times: Sequence[float]) -> None:
        """Ask for poses."""
        for t_s in times:
            pose = self._player.pose_at(float(t_s))
            self.steps.append(
                {
                    "op": "pose",
                    "t_s": float(t_s),
                    "beat_position": pose.beat_position,
                    "dance_position": pose.dance_position,
                    "origin": pose.origin.tolist(),
                    "hands": pose.hands.tolist(),
                    "foot_contact": pose.foot_contact.round(6).tolist(),
                    "positions": _base64(pose.joint_positions_m.astype("<f4").tobytes()),
                }
            )


def _every(start: float, stop: float, step: float) -> list[float]:
    return [round(start + i * step, 9) for i in range(round((stop - start) / step))]


LOCKED: Final = ClockState(
    beats_per_s=2.0, state=LockState.LOCKED, confidence=0.75, source=Source.AUDIO, section=Section.GROOVE
)
"""120 BPM, beat 0 at time 0."""


def _nothing() -> Script:
    script = Script("nothing known: the relaxed stand sways")
    script.poses([0.0, 0.5, 1.3, 3.1, 7.77])
    return script


def _steady() -> Script:
    script = Script("steady clock, windows that continue one another, free-wheel on the last clock")
    script.windows([0.5, 1.5, 2.5, 3.5])
    script.clock(LOCKED)
    script.poses([*_every(0.3, 2.7, 0.1237), 1.25, 1.25 + 1 / 128])
    return script


def _slew() -> Script:
    script = Script("rate bends, and a state that lies behind: positions wait, never go back")
    script.windows([0.5, 1.5, 2.5, 3.5])
    script.clock(LOCKED)
    script.poses(_every(0.5, 0.9, 0.1))
    script.clock(replace(LOCKED, t_s=1.0, beat_position=2.0, beats_per_s=2.3))
    script.poses(_every(0.95, 1.25, 0.05))
    script.clock(replace(LOCKED, t_s=1.25, beat_position=2.4, beats_per_s=1.9))
    script.poses(_every(1.25, 1.9, 0.05))
    return script


def _epoch() -> Script:
    script = Script("a new epoch: the jump is inertialised; a second one falls into the first")
    script.windows([0.5 + k for k in range(8)])
    script.clock(LOCKED)
    script.poses([1.0, 1.24])
    script.clock(replace(LOCKED, t_s=1.25, beat_position=3.15, epoch=1))
    script.poses(_every(1.25, 1.4, 0.03))
    script.clock(replace(LOCKED, t_s=1.4, beat_position=4.05, beats_per_s=2.1, epoch=2))
    script.poses(_every(1.4, 1.85, 0.03))
    return script


def _gap() -> Script:
    script = Script("a missing window: carry on, come to rest, sway, blend back when the score goes on")
    script.windows([0.5, 1.5])
    script.clock(LOCKED)
    script.poses([1.6, 1.74, 1.75, 1.8, 1.9, 2.0, 2.3, 2.6, 3.0, 3.4, 4.2])
    script.window(window(9.0, 7, phase=0.4), 4.3)
    script.poses([4.4, *_every(4.5, 4.9, 0.04), 5.4, 5.55, 5.7])
    return script


def _late() -> Script:
    script = Script("a window that comes late into a gap, an epoch jump inside a gap")
    script.windows([0.5])
    script.clock(LOCKED)
    script.poses([1.2, 1.3, 1.4])
    script.window(window(2.5, 3, phase=1.1), 1.45)
    script.poses([*_every(1.44, 1.8, 0.04), 2.2, 2.3, 2.5])
    script.clock(replace(LOCKED, t_s=2.55, beat_position=9.0, epoch=1))
    script.poses([2.56, 2.8])
    script.clock(replace(LOCKED, t_s=2.9, beat_position=3.2, epoch=2))
    script.poses(_every(2.9, 3.3, 0.05))
    return script


def _origin() -> Script:
    script = Script("origin changes are inertialised, so are seams that say so")
    script.windows([0.5, 1.5])
    script.windows([2.5, 3.5], plan=4, phase=0.8, origin=Origin.NETWORK)
    script.window(window(4.5, 8, phase=2.0, origin=Origin.NETWORK, seam_samples=12))
    script.clock(LOCKED)
    script.poses([1.2, *_every(1.25, 1.7, 0.04), 2.2, *_every(2.25, 2.75, 0.04)])
    return script


def _replan() -> Script:
    script = Script("a higher plan takes over in mid-window, an equal one does not, an older one comes back")
    script.windows([0.5, 1.5, 2.5])
    script.clock(LOCKED)
    script.poses([0.9, 1.0])
    script.window(window(1.5, 9, phase=0.6, samples=24), 1.05)
    script.window(window(1.5, 9, phase=2.6), 1.06)
    script.poses([*_every(1.03, 1.5, 0.04), *_every(1.5, 2.2, 0.05)])
    return script


def _arrangement() -> Script:
    script = Script("mirror, canon, place and turn, from their beat on; an arrangement of the past counts at once")
    script.windows([0.5 + k for k in range(6)])
    script.windows([0.5 + k for k in range(6)], dancer=1)
    script.clock(LOCKED)
    trio = (
        ShownDancer(id=0),
        ShownDancer(id=1, mirror=True, x_m=1.2, z_m=-0.4, yaw_rad=0.5),
        ShownDancer(id=2, source=1, lag_beats=1.5, x_m=-1.2, yaw_rad=-2.0),
    )
    script.poses([0.6, 0.8])
    script.arrangement(Arrangement(beat=3.0, dancers=trio), 0.9)
    script.poses([1.0, 1.49, 1.5, 1.51, 1.7, 2.1])
    script.arrangement(Arrangement(beat=1.0, dancers=(replace(trio[2], mirror=True), trio[0])), 2.2)
    script.poses([2.15, 2.2, 2.4, 3.5])
    return script


def _ratio() -> Script:
    script = Script("half tempo: dance beats and music beats differ; the player reads ahead by its delay", delay_s=0.1)
    state = replace(LOCKED, t_s=10.0, beat_position=20.0, beats_per_s=2.5, dance_ratio=0.5, dance_offset=-6.5)
    script.windows([3.5, 4.5, 5.5])
    script.clock(state)
    script.poses([10.1, 10.55, 11.0])
    script.clock(replace(state, t_s=11.0, beat_position=22.5, dance_ratio=1.0, dance_offset=-17.75))
    script.poses([11.05, 11.09, 11.1, 11.15, 11.4])
    script.clock(replace(state, t_s=11.3, beat_position=23.4, dance_ratio=1.0, dance_offset=-17.75, epoch=1))
    script.poses([11.41, 11.45, 11.6, 11.9])
    return script


SCRIPTS: Final = (
    _nothing, _steady, _slew, _epoch, _gap, _late, _origin, _replan, _arrangement, _ratio,
)  # fmt: skip


def player_vectors() -> dict[str, Any]:
    """Return the content of player.json."""
    scripts = [make() for make in SCRIPTS]
    return {
        "tolerance_m": TOLERANCE_M,
        "tolerance_beats": TOLERANCE_BEATS,
        "positions_are": "base64 of little-endian f32 (dancers, 23, 3)",
        "scripts": [{"name": s.name, "delay_s": s.delay_s, "steps": s.steps} for s in scripts],
    }


# --- the wire's bytes -------------------------------------------------------------------------------------------------


def _messages() -> list[wire.Message]:
    clock = replace(
        LOCKED, t_s=12.5, beat_position=25.125, dance_ratio=0.5, dance_offset=-0.25, bar_start_beat=24.0, epoch=3,
        bar_index=6, phrase_bar=6, build=0.25, section=Section.BUILD,
    )  # fmt: skip
    positions = skeleton.forward_kinematics(*skeleton.rest_pose())[None].repeat(2, axis=0).astype(np.float32)
    positions[1, :, 0] += np.float32(1.5)
    motion = window(7.5, 41, dancer=2, origin=Origin.NETWORK, seam_samples=4, samples=4)
    return [
        wire.Pose(t_s=1.5, seq=9, positions=positions, dancers=2),
        wire.Pose(t_s=1.5, positions=positions[:0], dancers=0),
        wire.Beat(t_s=2.25, seq=4, bpm=128.5, confidence=0.5, index=77, in_bar=1, source=Source.LINK),
        wire.clock_message(clock, unix_s=1.75e9, seq=4_294_967_295),
        wire.window_message(motion, t_s=3.25, seq=2),
        wire.Levels(t_s=0.125, rms=0.5, bass=1.0, mid=0.25, high=0.0, onset=0.75, energy=0.625),
        wire.Image(t_s=8.0, width=640, height=720, data=b"\xff\xd8\xff\xd9", image_flags=wire.MATTE_BELOW),
    ]


def _odd(good: dict[str, bytes]) -> dict[str, bytes]:
    clock, motion, pose = good["Clock"], good["Window"], good["Pose"]

    def patched(data: bytes, at: int, new: bytes) -> bytes:
        return data[:at] + new + data[at + len(new) :]

    nan32, nan64 = np.float32(np.nan).tobytes(), np.float64(np.nan).tobytes()
    root = wire.HEADER.size + wire.Window.LAYOUT.struct.size
    rotation = root + 4 * 3 * 4
    return {
        "empty": b"",
        "half a header": clock[:9],
        "unknown type": patched(clock, 0, b"\x77"),
        "another version": patched(clock, 1, b"\x02"),
        "time is not a number": patched(clock, 8, nan64),
        "clock cut short": clock[:-1],
        "clock too long": clock + b"\x00",
        "clock that stands still": patched(clock, 24, bytes(8)),
        "clock of an unknown state": patched(clock, wire.HEADER.size + 62, b"\x09"),
        "position is not a number": patched(clock, 16, nan64),
        "window cut short": motion[:-1],
        "window with more samples than bytes": patched(motion, 26, b"\xff\x03"),
        "window of another rig": patched(motion, 34, b"\x07\x00"),
        "window with 24 joints": patched(motion, 30, b"\x18\x00"),
        "root is not a number": patched(motion, root, nan32),
        "rotation of length zero": patched(motion, rotation, bytes(8)),
        "pose is not a number": patched(pose, 24, nan32),
        "pose with more dancers than bytes": patched(pose, 16, b"\x03\x00"),
    }


def wire_vectors() -> dict[str, Any]:
    """Return the content of wire.json."""
    good = [(message, wire.encode(message)) for message in _messages()]
    by_name = {type(m).__name__: data for m, data in reversed(good)}
    batch = wire.encode_batch([by_name["Clock"], by_name["Window"], by_name["Window"]], t_s=4.5, seq=1)
    odd = {**_odd(by_name), "batch cut short": batch[:-3], "batch in a batch": wire.encode_batch([batch], t_s=1.0)}
    return {
        "messages": [{"name": type(m).__name__, "bytes": _base64(data), "values": _values(m)} for m, data in good],
        "batches": [{"bytes": _base64(batch), "names": ["Clock", "Window", "Window"]}],
        "odd": [{"why": why, "bytes": _base64(data)} for why, data in odd.items()],
    }


def _values(message: wire.Message) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for f in fields(message):
        value = getattr(message, f.name)
        if isinstance(value, np.ndarray):
            out[f.name] = value.astype(float).ravel().tolist() if value.dtype.kind == "f" else value.ravel().tolist()
        elif isinstance(value, bytes):
            out[f.name] = list(value)
        else:
            out[f.name] = float(value) if isinstance(value, float) else int(value)
    return out


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _window(data: str) -> wire.Window:
    message = wire.decode(base64.b64decode(data))
    assert isinstance(message, wire.Window)
    return message


def main(arguments: Sequence[str] | None = None) -> None:
    """Write both files."""
    parser = argparse.ArgumentParser(description="Write the golden vectors of the wire and the score player.")
    parser.add_argument("--out", type=Path, required=True, help="folder, for example tests/golden")
    out: Path = parser.parse_args(arguments).out
    out.mkdir(parents=True, exist_ok=True)
    for name, content in (("wire.json", wire_vectors()), ("player.json", player_vectors())):
        (out / name).write_text(json.dumps(content, separators=(",", ":")).replace('{"op"', '\n{"op"') + "\n", "utf-8")


if __name__ == "__main__":
    main()
