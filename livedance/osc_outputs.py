"""Every OSC receiver of the stage: each samples the score at now + its own delay, at its own rate."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.broadcast.osc_sink import OscSink
from livedance.broadcast.osc_values import OscStats
from livedance.config import LiveConfig
from livedance.dance.player import ScorePlayer
from livedance.messages import Arrangement, ClockState, Levels, MotionWindow, PoseFrame
from livedance.render.camera import STILL, Camera, Moved
from livedance.telemetry import Telemetry

PICTURE_PX: Final = (1280, 720)
"""The picture in which the 2-D joints are told: what a 16:9 screen shows."""


@dataclass(slots=True)
class Output:
    """One receiver with its own view of the score."""

    sink: OscSink
    player: ScorePlayer
    period_s: float
    due_s: float = 0.0
    frozen: PoseFrame | None = None
    camera: Camera | None = None
    """Sees the dancers for the 2-D joints; None where nobody wants them."""
    beat_s: float = -1e9
    """Show time at which the next beat is to be told."""


class OscOutputs:
    """Sends poses, beats and levels. The stage's thread; never blocks."""

    def __init__(self, config: LiveConfig, now_s: float) -> None:
        self._outputs = [
            Output(
                sink=OscSink(
                    o.profile, o.host, o.port, config.dance.dancers, o.rate_hz, o.delay_ms, o.lead_ms, o.picture
                ),
                player=ScorePlayer(),
                period_s=1.0 / o.rate_hz,
                due_s=now_s,
                camera=Camera() if o.picture else None,
            )
            for o in config.osc
        ]
        self._telemetry = Telemetry()
        self.values = OscStats()
        """Latency and state as OSC reports them; replaced by the stage."""
        for output in self._outputs:
            output.sink.open()

    @property
    def next_due_s(self) -> float:
        """Show time at which the next frame or beat is due; far away when nobody listens."""
        return min((min(o.due_s, o.beat_s) for o in self._outputs), default=float("inf"))

    def add(self, window: MotionWindow, t_s: float) -> None:
        """Give every player a window that is known from `t_s` on."""
        for output in self._outputs:
            output.player.add(window, t_s)

    def set_clock(self, clock: ClockState) -> None:
        """Give every player a clock state."""
        for output in self._outputs:
            output.player.set_clock(clock)

    def set_arrangement(self, arrangement: Arrangement) -> None:
        """Give every player the shown dancers."""
        for output in self._outputs:
            output.player.set_arrangement(arrangement)

    def set_info(self, strings: Mapping[str, str]) -> None:
        """Send strings that changed (device, style, message)."""
        for output in self._outputs:
            output.sink.set_info(strings)

    def send_due(
        self,
        now_s: float,
        clock: ClockState,
        levels: Levels,
        *,
        delay_ms: float,
        freeze: bool,
        state: int,
        camera: str,
        moved: Moved = STILL,
    ) -> None:
        """Send what is due now; a frame that is late by more than a period is skipped, never sent twice."""
        for output in self._outputs:
            self._tell_beat(output, now_s, clock, delay_ms)
            if now_s < output.due_s:
                continue
            self._telemetry.sample("late_ms", (now_s - output.due_s) * 1e3)
            output.due_s = max(output.due_s + output.period_s, now_s - output.period_s)
            output.player.delay_s = (output.sink.delay_ms + delay_ms) / 1e3
            with self._telemetry.section("pose_ms"):
                pose = output.player.pose_at(now_s + output.player.delay_s)
            output.frozen = (output.frozen or pose) if freeze else None
            output.sink.stats = replace(self.values, state=state, fps=1.0 / output.period_s)
            with self._telemetry.section("send_ms"):
                shown = _held(pose, output.frozen)
                picture = _in_picture(output.camera, shown, camera, moved) if output.camera is not None else None
                output.sink.send(shown, clock, levels, now_s, picture)

    @staticmethod
    def _tell_beat(output: Output, now_s: float, clock: ClockState, delay_ms: float) -> None:
        """Tell a beat when it is reached, not with the next frame: a trigger 8 ms off is heard in a flash."""
        told_s = now_s + (output.sink.delay_ms + delay_ms) / 1e3
        output.sink.send_hit(clock, told_s)
        ahead_s = told_s + output.sink.lead_ms / 1e3
        output.beat_s = now_s + clock.time_at(math.floor(clock.position_at(ahead_s)) + 1.0) - ahead_s

    def work_ms(self) -> float:
        """Return the usual time from sampling the score to the last datagram of a frame."""
        times = self._telemetry.snapshot()
        return float(times.get("pose_ms_p50", 0.0) + times.get("send_ms_p50", 0.0))

    def stats(self) -> dict[str, float]:
        """Return counts and percentiles for the first screen."""
        sent = sum(o.sink.sent for o in self._outputs)
        errors = sum(o.sink.errors for o in self._outputs)
        return {"sent": sent, "errors": errors, **self._telemetry.snapshot()}

    def close(self) -> None:
        """Close every socket."""
        for output in self._outputs:
            output.sink.close()


def _in_picture(camera: Camera, pose: PoseFrame, preset: str, moved: Moved) -> NDArray[np.floating]:
    """Return (N, 23, 3): x right and y down as shares of the picture, and 1 where the joint lies in it."""
    view = camera.view(pose, *PICTURE_PX, preset, moved)
    shares = view.project(pose.joint_positions_m)[0] / PICTURE_PX
    seen = ((shares >= 0.0) & (shares <= 1.0)).all(axis=-1, keepdims=True)
    return np.concatenate([shares, seen], axis=-1)


def _held(pose: PoseFrame, frozen: PoseFrame | None) -> PoseFrame:
    """Return the frozen body at the time of `pose`: the beat goes on while the dancer holds."""
    if frozen is None:
        return pose
    return replace(frozen, t_s=pose.t_s, beat_position=pose.beat_position, dance_position=pose.dance_position)
