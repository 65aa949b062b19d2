"""What leaves the brain: each step as wire messages. The same live, in `render` and in a recording."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from livedance.brain import BrainStep
from livedance.broadcast import wire
from livedance.broadcast.beat_count import BeatCount
from livedance.clock import TimeMap
from livedance.messages import ClockState

CLOCK_S: Final = 0.25
"""The clock is sent on change and at least this often."""
LEVELS_EVERY_HOPS: Final = 2


def encoded_beat(clock: ClockState, beat: int) -> bytes:
    """Return the message of a beat of `clock` (in show time), at the beat's own time."""
    return wire.encode_beat(
        t_s=clock.time_at(beat),
        bpm=clock.tempo_bpm,
        confidence=clock.confidence,
        index=max(0, beat),
        in_bar=round(beat - clock.bar_start_beat) % clock.meter,
        meter=clock.meter,
        source=clock.source,
    )


class ScoreStream:
    """Turns steps into messages on the show's axis. One thread; asks no clock."""

    def __init__(self, time_map: TimeMap, *, offset_s: float = 0.0, unix_minus_show_s: float = 0.0) -> None:
        self.time_map = time_map
        self._offset_s, self._unix_minus_show_s = offset_s, unix_minus_show_s
        self._clock_s = float("-inf")
        self._beats = BeatCount()
        self.clock: ClockState | None = None
        """The newest clock that was sent, in show time."""

    def messages(self, step: BrainStep, hop_index: int, known_s: float) -> list[bytes]:
        """Return the messages of one step; windows count from show time `known_s` on."""
        out: list[bytes] = []
        t_s = step.features.t_s
        if step.clock_changed or t_s - self._clock_s >= CLOCK_S:
            self._clock_s = t_s
            self.clock = self.in_show_time(step.clock)
            out.append(self.encoded(self.clock))
        if (beat := self._beats.passed(step.clock, t_s)) is not None:
            out.append(encoded_beat(self.in_show_time(step.clock), beat))
        if hop_index % LEVELS_EVERY_HOPS == 0:
            shown_s = self.time_map.show_at(t_s) - self._offset_s
            out.append(wire.encode_levels(step.features.levels, t_s=shown_s))
        out += [wire.encode_window(window, t_s=known_s) for window in step.windows]
        return out

    def in_show_time(self, clock: ClockState) -> ClockState:
        """Return `clock` on the show's axis: the map is bent by the device's rate."""
        shown_s = self.time_map.show_at(clock.t_s) - self._offset_s
        return replace(clock, t_s=shown_s, beats_per_s=clock.beats_per_s / self.time_map.b)

    def in_stream_time(self, clock: ClockState) -> ClockState:
        """Return a clock of the show's axis on the brain's: what a resuming brain goes on from."""
        heard_s = self.time_map.stream_at(clock.t_s + self._offset_s)
        return replace(clock, t_s=heard_s, beats_per_s=clock.beats_per_s * self.time_map.b)

    def encoded(self, clock: ClockState) -> bytes:
        """Return the message of a clock in show time."""
        return wire.encode_clock(clock, unix_s=clock.t_s + self._unix_minus_show_s)
