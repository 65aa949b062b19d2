"""A recording in the brain's place: every message again, at its own time, to every output; then from the start."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from livedance import show as shows
from livedance.broadcast import ldrec, wire
from livedance.dance.player import ScorePlayer
from livedance.errors import FileError
from livedance.link import StageLink
from livedance.messages import ClockState, Levels
from livedance.offline import OfflineFrame
from livedance.process import Life
from livedance.state import arrangement_from_json

LEAD_S: Final = 0.3
"""Time between the opening of a recording and its first message."""
TICK_S: Final = 0.002


def timed(path: Path) -> list[tuple[float, wire.Message]]:
    """Return the recorded messages with their times, in order; raises `FileError` when there is no dance in it."""
    messages = [m for record in ldrec.read(path) if not record.is_text for m in record.messages()]
    kept = [(m.t_s, m) for m in messages if isinstance(m, wire.Clock | wire.Window | wire.Levels | wire.Beat)]
    if not any(isinstance(m, wire.Window) for _, m in kept):
        raise FileError(f"'{path}' holds no dance: record one with livedance run --record X.ldrec")
    return sorted(kept, key=lambda pair: pair[0])


class Replayer:
    """Sends a recording to the stage. One thread."""

    def __init__(self, show: shows.Show, life: Life) -> None:
        self._path = Path(show.config.replay or "")
        self._messages = timed(self._path)
        self._life, self._clock = life, show.clock
        self._link = StageLink(show.address, show.secret, "brain")
        self._plan, self._epoch = 0, 0

    def run(self) -> None:
        """Play the recording round and round until the show ends."""
        self._link.wait_connected(2.0)
        while self._life.goes_on():
            self._play_once()
        self._link.close()

    def _play_once(self) -> None:
        shift_s = self._clock.now() + LEAD_S - self._messages[0][0]
        top = 0
        audio = {"name": self._path.name, "host_api": "recording", "health": "ok", "title": ""}
        self._link.send_json({"type": "audio", "audio": audio, "message": ""})
        for t_s, message in self._messages:
            while self._life.goes_on() and self._clock.now() < t_s + shift_s:
                self._link.keep()
                self._listen()
                self._link.flush()
                time.sleep(TICK_S)
            if not self._life.goes_on():
                return
            if isinstance(message, wire.Window):
                top = max(top, message.plan)
            self._link.send(wire.encode(self._shifted(message, shift_s)))
        self._plan += top + 1
        self._epoch += 1 + max(m.epoch for _, m in self._messages if isinstance(m, wire.Clock))

    def _listen(self) -> None:
        """Go on above what the show has played already, after a restart of this process or a stall."""
        for data in self._link.recv():
            if data[:1] == b"{":
                message = json.loads(data)
                if message.get("type") == "resume":
                    self._plan = max(self._plan, int(message["next_plan"]))
            elif isinstance(clock := wire.decode(data), wire.Clock):
                self._epoch = max(self._epoch, clock.epoch + 1)

    def _shifted(self, message: wire.Message, shift_s: float) -> wire.Message:
        """Return `message` at its place in this show: later, and above everything played before."""
        if isinstance(message, wire.Window):
            return replace(message, t_s=message.t_s + shift_s, plan=message.plan + self._plan)
        if isinstance(message, wire.Clock):
            unix_s = time.time() + message.t_s + shift_s - self._clock.now()
            return replace(message, t_s=message.t_s + shift_s, epoch=message.epoch + self._epoch, unix_s=unix_s)
        return replace(message, t_s=message.t_s + shift_s)


def frames(path: Path, fps: float) -> Iterator[OfflineFrame]:
    """Yield the recorded show at 0, 1/fps, ... from its first clock on; raises `FileError`."""
    messages = timed(path)
    player = ScorePlayer()
    _arrange(player, path)
    first = min(t_s for t_s, m in messages if isinstance(m, wire.Clock))
    clock, levels, at = ClockState(), Levels(), 0
    last = max(t_s for t_s, m in messages if isinstance(m, wire.Window))
    for index in range(int((last - first) * fps) + 1):
        t_s = first + index / fps
        while at < len(messages) and messages[at][0] <= t_s:
            message = messages[at][1]
            at += 1
            if isinstance(message, wire.Window):
                player.add(wire.motion_window(message), message.t_s)
            elif isinstance(message, wire.Clock):
                clock = wire.clock_state(message)
                player.set_clock(clock)
            elif isinstance(message, wire.Levels):
                levels = wire.levels_record(message)
        pose = player.pose_at(t_s)
        yield OfflineFrame(pose=replace(pose, t_s=t_s - first), clock=clock, levels=levels)


def _arrange(player: ScorePlayer, path: Path) -> None:
    """Show the dancers of the recording's first state."""
    for record in ldrec.read(path):
        if not record.is_text:
            continue
        message = record.json()
        state = message.get("state") if message.get("type") == "welcome" else message
        if isinstance(state, dict) and "arrangement" in state:
            player.set_arrangement(arrangement_from_json(state["arrangement"]))
            return
