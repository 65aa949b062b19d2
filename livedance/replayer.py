"""A recording in the brain's place: every message and what was shown, at its own time, to every output; then again."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from livedance import show as shows
from livedance.broadcast import ldrec, wire
from livedance.dance.player import ScorePlayer
from livedance.errors import FileError
from livedance.link import StageLink
from livedance.messages import ClockState, Command, Levels, PoseFrame
from livedance.offline import OfflineFrame
from livedance.process import Life
from livedance.state import RECORDING, arrangement_from_json, command_to_json

LEAD_S: Final = 0.3
"""Time between the opening of a recording and its first message; the least length of a round."""
ALIVE_S: Final = 0.1
"""A recording has pauses (its brain died, too); the stage hears at least this often that its replay has not."""
TICK_S: Final = 0.002
SHOWN: Final = (
    "dancers", "formation", "mirror", "look", "palette", "scene", "camera", "camera_yaw_deg", "camera_dist_m",
    "camera_x_m", "camera_y_m", "freeze", "blackout", "blackout_fade_ms",
)  # fmt: skip
"""Controls that say what is seen of a score; all others acted before it was made."""
CONFIGURED: Final = ("look",)
"""Those with which the show has begun already, unless somebody asked for another (`livedance replay --look`)."""

State = dict[str, Any]
"""A recorded `state` message."""


def timed(path: Path) -> list[tuple[float, wire.Message | State]]:
    """Return the recorded messages with their times, in order; raises `FileError` when there is no dance in it.

    A state has no time of its own: it counts from the time of the message before it.
    """
    kept: list[tuple[float, wire.Message | State]] = []
    states: list[State] = []
    latest_s: float | None = None
    for record in ldrec.read(path):
        if record.is_text:
            state = state_of(record.json())
            if state is not None and latest_s is not None:
                kept.append((latest_s, state))
            elif state is not None:
                states.append(state)
            continue
        for message in record.messages():
            if isinstance(message, wire.Clock | wire.Window | wire.Levels | wire.Beat):
                latest_s = message.t_s if latest_s is None else max(latest_s, message.t_s)
                kept.append((message.t_s, message))
    if not any(isinstance(m, wire.Window) for _, m in kept):
        raise FileError(f"'{path}' holds no dance: record one with livedance run --record X.ldrec")
    kept.sort(key=lambda pair: pair[0])
    return [(kept[0][0], state) for state in states] + kept


def state_of(message: dict[str, Any]) -> State | None:
    """Return the state in a text record, None where it tells none."""
    state = message.get("state") if message.get("type") == "welcome" else message
    is_state = isinstance(state, dict) and "arrangement" in state and "controls" in state
    return state if is_state else None


def shown(state: State) -> dict[str, Any]:
    """Return the controls of `state` that say what is seen."""
    return {name: state["controls"][name] for name in SHOWN if name in state["controls"]}


def seed_of(path: Path) -> int:
    """Return the seed of the recorded show."""
    welcome = next((r.json() for r in ldrec.read(path) if r.is_text), {})
    return int(welcome.get("seed") or 0)


class Replayer:
    """Sends a recording to the stage. One thread."""

    def __init__(self, show: shows.Show, life: Life) -> None:
        self._path = Path(show.config.replay or "")
        self._messages = timed(self._path)
        self._life, self._clock = life, show.clock
        self._link = StageLink(show.address, show.secret, "brain")
        self._plan, self._epoch = 0, 0
        self._alive_s = 0.0
        first = next((shown(m) for _, m in self._messages if isinstance(m, dict)), {})
        self._shown = {name: first.get(name) for name in CONFIGURED}

    def run(self) -> None:
        """Play the recording round and round until the show ends."""
        while self._life.goes_on() and not self._link.wait_connected(0.5):
            pass  # The stage is still starting: what is told to nobody is lost.
        begin_s = self._clock.now() + LEAD_S
        while self._life.goes_on():
            begin_s = max(self._play_once(begin_s), begin_s + LEAD_S)
        self._link.close()

    def _play_once(self, begin_s: float) -> float:
        """Play from show time `begin_s` on; return when the next round begins.

        That is with the last message: then a beat or more of score is left, so the dance has no gap at the seam.
        """
        shift_s = begin_s - self._messages[0][0]
        top = 0
        audio = {"name": self._path.name, "host_api": "recording", "health": "ok", "title": ""}
        self._link.send_json({"type": "audio", "audio": audio, "message": ""})
        for t_s, message in self._messages:
            while self._life.goes_on() and self._clock.now() < t_s + shift_s:
                self._link.keep()
                self._listen()
                self._say_alive()
                self._link.flush()
                time.sleep(TICK_S)
            if not self._life.goes_on():
                break
            if isinstance(message, dict):
                self._show_as(message)
                continue
            if isinstance(message, wire.Window):
                top = max(top, message.plan)
            self._link.send(wire.encode(self._shifted(message, shift_s)))
        self._plan += top + 1
        self._epoch += 1 + max(m.epoch for _, m in self._messages if isinstance(m, wire.Clock))
        return max(self._clock.now(), self._messages[-1][0] + shift_s)

    def _say_alive(self) -> None:
        if self._clock.now() - self._alive_s > ALIVE_S:
            self._alive_s = self._clock.now()
            self._link.send_json({"type": "alive"})

    def _show_as(self, state: State) -> None:
        """Ask the stage for what the recording shows otherwise from here on; what people change now stays."""
        wanted = shown(state)
        changed = {name: value for name, value in wanted.items() if self._shown.get(name) != value}
        self._shown = wanted
        if changed:
            # With the beat from which the dancers are shown: company is told two bars before it enters.
            command = Command(op="set", args=changed, value=float(state["arrangement"]["beat"]), source=RECORDING)
            self._link.send_json(command_to_json(command))

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


def frames(path: Path, fps: float, look: str | None = None) -> Iterator[OfflineFrame]:
    """Yield the recorded show at 0, 1/fps, ... from its first clock on; raises `FileError`.

    `look` takes the place of the one with which the recording begins, until that changes.
    """
    messages = timed(path)
    player = ScorePlayer()
    arrangement: Any = None
    state: State | None = None
    first_look: Any = None
    frozen: PoseFrame | None = None
    freezes = False
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
            elif isinstance(message, dict):
                freezes = bool(message["controls"].get("freeze"))
                first_look = message.get("look") if state is None else first_look
                look = look if message.get("look") == first_look else None
                state = message if look is None else {**message, "look": look}
                if message["arrangement"] != arrangement:
                    arrangement = message["arrangement"]
                    player.set_arrangement(arrangement_from_json(arrangement))
        pose = player.pose_at(t_s)
        frozen = (frozen or pose) if freezes else None
        if frozen is not None:
            pose = replace(frozen, t_s=pose.t_s, beat_position=pose.beat_position, dance_position=pose.dance_position)
        yield OfflineFrame(pose=replace(pose, t_s=t_s - first), clock=clock, levels=levels, state=state)
