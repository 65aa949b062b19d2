"""Every OSC receiver of the stage: each samples the score at now + its own delay, at its own rate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from livedance.broadcast.osc_sink import OscSink
from livedance.broadcast.osc_values import OscStats
from livedance.config import LiveConfig
from livedance.dance.player import ScorePlayer
from livedance.messages import Arrangement, ClockState, Levels, MotionWindow, PoseFrame
from livedance.telemetry import Telemetry


@dataclass(slots=True)
class Output:
    """One receiver with its own view of the score."""

    sink: OscSink
    player: ScorePlayer
    period_s: float
    due_s: float = 0.0
    frozen: PoseFrame | None = None


class OscOutputs:
    """Sends poses, beats and levels. The stage's thread; never blocks."""

    def __init__(self, config: LiveConfig, now_s: float) -> None:
        self._outputs = [
            Output(
                sink=OscSink(o.profile, o.host, o.port, config.dance.dancers, o.rate_hz, o.delay_ms, o.lead_ms),
                player=ScorePlayer(),
                period_s=1.0 / o.rate_hz,
                due_s=now_s,
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
        """Show time at which the next frame is due; far away when nobody listens."""
        return min((o.due_s for o in self._outputs), default=float("inf"))

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
        self, now_s: float, clock: ClockState, levels: Levels, *, delay_ms: float, freeze: bool, state: int
    ) -> None:
        """Send what is due now; a frame that is late by more than a period is skipped, never sent twice."""
        for output in self._outputs:
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
                output.sink.send(_held(pose, output.frozen), clock, levels, now_s)

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


def _held(pose: PoseFrame, frozen: PoseFrame | None) -> PoseFrame:
    """Return the frozen body at the time of `pose`: the beat goes on while the dancer holds."""
    if frozen is None:
        return pose
    return replace(frozen, t_s=pose.t_s, beat_position=pose.beat_position, dance_position=pose.dance_position)
