"""What every screen of this machine hears from the stage: score, clock, levels, state."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

from livedance import show as shows
from livedance.broadcast import wire
from livedance.dance.player import ScorePlayer
from livedance.link import StageLink
from livedance.messages import ClockState, Command, Levels, LockState, PoseFrame
from livedance.state import arrangement_from_json, command_to_json

LOST_CLOCK_S: Final = 1.0
"""Without a clock for this long a screen free-wheels and says so."""


class Feed:
    """A screen's end of the stage. One thread."""

    def __init__(self, show: shows.Show, role: str, *, plays: bool = True) -> None:
        """Connect as `role`; without `plays` the score is not kept (the terminal shows no dancer)."""
        self._plays = plays
        self._link = StageLink(show.address, show.secret, role)
        self._now = show.clock.now
        self.player = ScorePlayer()
        self.clock = ClockState()
        self.levels = Levels()
        self.state: dict[str, Any] = {}
        self.stats: dict[str, Any] = {}
        self._clock_seen_s = 0.0
        self._frozen: PoseFrame | None = None
        self._acts: list[str] = []

    def delay_s(self, output: str) -> float:
        """Return the extra delay that people set for `output` while the show runs."""
        delays = self.state.get("controls", {}).get("delay_ms", {})
        return float(delays.get("*", 0.0) + delays.get(output, 0.0)) / 1e3

    def now(self) -> float:
        """Return show time."""
        return self._now()

    def fileno(self) -> int:
        """Return the descriptor for a selector, or -1."""
        return self._link.fileno()

    def update(self) -> None:
        """Take everything that has arrived; reconnects by itself; never blocks."""
        self._link.keep()
        for message in self._link.recv():
            if message[:1] == b"{":
                self._take_json(json.loads(message))
            else:
                self._take_wire(wire.decode(message))
        self._link.flush()

    def _take_wire(self, message: wire.Message) -> None:
        if isinstance(message, wire.Window) and self._plays:
            self.player.add(wire.motion_window(message), message.t_s)
        elif isinstance(message, wire.Clock):
            self.clock = wire.clock_state(message)
            self._clock_seen_s = self._now()
            if self._plays:
                self.player.set_clock(self.clock)
        elif isinstance(message, wire.Levels):
            self.levels = wire.levels_record(message)

    def _take_json(self, message: dict[str, Any]) -> None:
        if message.get("type") == "state":
            if self._plays and message["arrangement"] != self.state.get("arrangement"):
                self.player.set_arrangement(arrangement_from_json(message["arrangement"]))
            self.state = message
        elif message.get("type") == "stats":
            self.stats = message
        elif message.get("type") == "act":
            self._acts.append(str(message["op"]))

    def take_acts(self) -> list[str]:
        """Return what this screen was asked to do since the last call ("fullscreen")."""
        acts, self._acts = self._acts, []
        return acts

    def pose_at(self, t_s: float) -> PoseFrame:
        """Return the shown dancers at `t_s`, held while the show is frozen."""
        pose = self.player.pose_at(t_s)
        if not self.state.get("freeze"):
            self._frozen = None
            return pose
        self._frozen = self._frozen or pose
        held = self._frozen
        return replace(held, t_s=pose.t_s, beat_position=pose.beat_position, dance_position=pose.dance_position)

    @property
    def hears_clock(self) -> bool:
        """False when the stage has been quiet for a second: the dance goes on by itself."""
        return self._now() - self._clock_seen_s < LOST_CLOCK_S

    @property
    def locked(self) -> bool:
        """True while the beat is known from outside or from the music."""
        return self.clock.state in (LockState.LOCKED, LockState.EXTERNAL)

    def command(self, command: Command) -> None:
        """Send what a person did to the stage."""
        self._link.send_json(command_to_json(command))

    def send(self, message: bytes) -> None:
        """Send a wire message (images) to the stage, which passes it on."""
        self._link.send(message)

    def report(self, stats: dict[str, float]) -> None:
        """Send this process's own figures to the stage."""
        self._link.send_json({"type": "report", "stats": stats})

    def close(self) -> None:
        """Hang up."""
        self._link.close()
