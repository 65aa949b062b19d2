"""The show's centre on one page: score, beat clock, controls, outputs.

The brain sends clock, levels and windows; screens, herald and terminal get them on; OSC is sent from here; commands
from everywhere are obeyed here and passed to the brain. When the brain is late or gone, `Standby` makes the dance.
One thread: nothing here blocks, so OSC keeps its rhythm.
"""

from __future__ import annotations

import json
import logging
import select
import time
from collections.abc import Container, Iterable
from dataclasses import replace
from typing import Any, Final

from livedance import director, registry, stage_memory
from livedance import show as shows
from livedance import state as states
from livedance.broadcast import osc_values, wire
from livedance.broadcast.beat_count import BeatCount
from livedance.broadcast.osc_values import OscStats
from livedance.control import controls as control
from livedance.control.ops import PRESET_ACTS, WINDOW_ACTS
from livedance.control.osc_in import OscIn, vocabulary_with
from livedance.dance.arrangement import arrangement_for
from livedance.dance.library import style_names
from livedance.dance.options import options_for
from livedance.dance.planner import bar_at
from livedance.dance.score import Score
from livedance.errors import LivedanceError
from livedance.link import Link, LinkServer
from livedance.messages import ClockState, Command, Levels, LockState, MotionWindow
from livedance.osc_outputs import OscOutputs
from livedance.process import Life
from livedance.render.camera import Moved
from livedance.score_stream import encoded_beat
from livedance.stage_memory import RESUME_PLANS
from livedance.stage_presets import StagePresets, path_of
from livedance.standby import RESERVE_BEATS, Standby
from livedance.telemetry import Telemetry

LOG = logging.getLogger(__name__)
COMPANY_LEAD_BEATS: Final = 2.0
"""A changed company is shown from the first bar line so far ahead: until then who is new has been made."""
STATS_S: Final = 0.5
STATE_S: Final = 0.025
"""A fader that is moved changes the state with every message; nobody needs it more often than this."""
SAVE_S: Final = 1.0
RESUME_BEATS: Final = 4.0
"""Dance beats of score that a starting brain receives."""
FIRST_BRAIN_S: Final = 4.0
"""How long the first brain has to start; until then nobody expects a dance, and a standby would change it."""
SILENT_BRAIN_S: Final = 0.4
"""A brain that sent nothing for this long counts as stalled (it sends levels 30 times a second)."""
RESUME_AGAIN_S: Final = 0.5
"""A woken brain sends several overtaken windows at once: it is told once where the show is."""
FLOOD_PAUSE_S: Final = 0.01
"""Under a flood OSC is read so often, not all the time: half of the processor time that a flood costs was listening."""
CROSSING_S: Final = 0.5
"""A decision of the director that comes so soon after a person's wish was made before the brain knew of it."""
METERS: Final = ("level_db", "channels", "lost_samples", "t0_stream_s")
"""What changes all the time goes into `stats`, not into the state that every viewer gets."""
SCREENS: Final = ("herald", "window", "painter", "terminal")
DRAWING: Final = ("window", "painter")
"""Screens of this machine that make pictures, and so have a flash limiter."""


class Stage:
    """Holds the show together. One thread."""

    def __init__(self, show: shows.Show, life: Life) -> None:
        self._show, self._life = show, life
        self._now = show.clock.now
        self._config = show.config
        memory = stage_memory.restore(show)
        self._state, self._clock, self._next_plan = memory.state, memory.clock, memory.next_plan
        self._told = self._state.controls
        """What the brain has been told."""
        self._levels = Levels()
        self._beats = BeatCount()
        """The beats that everybody was told, by the brain or, while there is none, from here."""
        self._score = Score()
        self._standby = Standby(show.seed, options_for(self._config))
        self._links = LinkServer(show.address, show.secret)
        self._outputs = OscOutputs(self._config, self._now())
        self._outputs.set_arrangement(self._state.arrangement)
        if self._clock.beat_position > 0:
            self._outputs.set_clock(self._clock)
        styles = style_names()
        self._vocabulary = vocabulary_with(
            look=tuple(registry.names("look")), style=("auto", *styles), auto_style=styles
        )
        self._osc_in = self._listened()
        self._presets = StagePresets(path_of(self._config.control))
        self._recorder = stage_memory.open_recorder(show, self._state, append=memory.is_second)
        self._telemetry = Telemetry()
        self._reports: dict[str, dict[str, Any]] = {}
        self._audio_now: dict[str, Any] = {}
        self._pending: list[Command] = []
        self._brain_s = self._resumed_s = -1e9
        self._had_brain = False
        """True once a window of a brain was accepted."""
        self._stats_s = self._save_s = self._state_s = 0.0
        self._started_s = self._now()
        self._deaf_until_s = 0.0
        """No OSC is read before."""
        self._by_hand_s = -1e9
        """When a person last changed what the director directs."""
        self._dirty = True

    # -- the loop ---------------------------------------------------------------------------------

    def run(self) -> None:
        """Go on until the show ends."""
        try:
            while self._life.goes_on():
                ready = self._wait()
                self._meet(ready)
                self._read(ready)
                now = self._now()
                self._keep_dancing(now)
                self._outputs.send_due(
                    now,
                    self._clock,
                    self._levels,
                    delay_ms=control.delay_of(self._state.controls, "osc"),
                    freeze=self._state.controls.freeze,
                    state=self._flags(),
                    camera=self._state.controls.camera,
                    moved=Moved.by(self._state.controls),
                )
                self._keep_house(now)
        finally:
            self.close()

    def _wait(self) -> list[int]:
        """Sleep until something arrives or the next OSC frame is due (at most 10 ms); return what may be read.

        Asking every quiet socket 200 times a second would cost a tenth of this process: each answer is an exception.
        """
        timeout = min(0.010, max(0.0, self._outputs.next_due_s - self._now()))
        descriptors = self._links.filenos()
        if self._osc_in is not None and self._now() >= self._deaf_until_s:
            descriptors.append(self._osc_in.fileno())
        writing = [link.fileno() for link in self._links.peers.values() if link.connected and link.pending]
        try:
            return select.select(descriptors, writing, [], timeout)[0]
        except (OSError, ValueError):
            time.sleep(0.001)
            return descriptors

    def _meet(self, ready: list[int]) -> None:
        """Bring processes that have just connected up to date."""
        for role in self._links.accept(ready):
            LOG.info("%s is here", role)
            link = self._links.peers[role]
            # What came together with its hello has been read already: the socket itself is quiet.
            ready.append(link.fileno())
            link.send_json(self._state.to_json())
            if role == "brain":
                self._send_resume(link, overtaken=False)
            else:
                for message in self._snapshot():
                    link.send(message)
            if role == "herald":
                link.send_json(self._presets.message())

    def _read(self, ready: Container[int]) -> None:
        for role, link in list(self._links.peers.items()):
            link.flush()
            for message in link.recv() if link.fileno() in ready else ():
                if message[:1] == b"{":
                    self._take_json(role, json.loads(message))
                else:
                    self._take_wire(role, message)
        if self._osc_in is not None and self._now() >= self._deaf_until_s:
            for command in self._osc_in.poll():
                self._obey(command)
            if self._osc_in.is_flooded:
                self._deaf_until_s = self._now() + FLOOD_PAUSE_S
        self._tell_changes()

    # -- what arrives -----------------------------------------------------------------------------

    def _take_wire(self, role: str, message: bytes) -> None:
        if role == "painter" and (herald := self._links.peers.get("herald")) is not None:
            herald.send(message)
        if role != "brain":
            return
        self._brain_s = self._now()
        decoded = wire.decode(message)
        if isinstance(decoded, wire.Window):
            window = wire.motion_window(decoded)
            if self._standby.active and window.plan < self._next_plan:
                # A brain that stalled and woke makes plans the standby has overtaken: tell it where we are.
                self._telemetry.count("overtaken_windows")
                if self._now() - self._resumed_s > RESUME_AGAIN_S:
                    self._send_resume(self._links.peers["brain"], overtaken=True)
                return
            self._standby.stop()
            self._had_brain = True
            self._add(window, decoded.t_s)
        elif isinstance(decoded, wire.Clock):
            if self._standby.active:
                return
            self._set_clock(wire.clock_state(decoded))
        elif isinstance(decoded, wire.Beat):
            if self._standby.active or decoded.index == self._beats.last:
                return
            self._beats.last = decoded.index
        elif isinstance(decoded, wire.Levels):
            self._levels = wire.levels_record(decoded)
        self._send_on(message)

    def _take_json(self, role: str, message: dict[str, Any]) -> None:
        kind = message.get("type")
        if role == "brain":
            self._brain_s = self._now()
        if kind == "command":
            command = states.command_from_json(message, source=role)
            if role == "brain" and command.source in (director.SOURCE, states.RECORDING):
                self._direct(command)
            else:
                self._obey(command)
        elif kind == "audio":
            self._take_audio(message)
        elif kind == "applied":
            self._record_json(message)
        elif kind == "report":
            self._reports[role] = message["stats"]
            if role == "herald":
                self._life.board.want_painter(int(message["stats"].get("image_clients", 0)) > 0)

    def _take_audio(self, message: dict[str, Any]) -> None:
        """Keep what the brain hears."""
        audio = dict(message["audio"])
        self._audio_now = {key: audio.pop(key) for key in METERS if key in audio}
        self._dirty |= (audio, message.get("message", "")) != (self._state.audio, self._state.message)
        self._state.audio, self._state.message = audio, message.get("message", "")

    def _obey(self, command: Command) -> None:
        """Do what a person asked for: settings here at once, acts in the brain at its next hop."""
        if command.op in PRESET_ACTS:
            self._obey_preset(command)
            return
        try:
            if control.is_act(command):
                command = control.check(command, self._vocabulary, self._state.controls)
            self._state.controls = control.reduce(self._state.controls, command, self._vocabulary)
        except LivedanceError as error:
            LOG.warning("%s", error)
            return
        if command.op in WINDOW_ACTS:
            if (window := self._links.peers.get("window")) is not None:
                window.send_json({"type": "act", "op": command.op})
        elif control.is_act(command):
            self._tell_changes()
            self._tell(command)

    def _obey_preset(self, command: Command) -> None:
        """Recall a preset, as one change of the controls; have it saved, renamed or deleted."""
        try:
            recalled = self._presets.obey(command, self._state.controls)
            if recalled is not None:
                self._state.controls = control.reduce(self._state.controls, recalled, self._vocabulary)
        except LivedanceError as error:
            LOG.warning("%s", error)
            self._presets.complain(str(error))

    def _direct(self, command: Command) -> None:
        """Take what the director decided, in the brain, which has obeyed it already, or what a recording shows.

        A person who changed something at that very moment wins: the brain gets it back with the next `set`.
        """
        try:
            self._tell_changes()
            self._told = control.reduce(self._told, command)
            if self._now() - self._by_hand_s < CROSSING_S:
                command = replace(command, args={k: v for k, v in command.args.items() if k not in director.DIRECTS})
            self._dirty = True
            if states.direct(self._state, command):
                self._outputs.set_arrangement(self._state.arrangement)
        except LivedanceError as error:
            LOG.warning("the director: %s", error)

    def _tell_changes(self) -> None:
        """Pass on what has changed since the last time as one `set`, however many messages brought it.

        Names, not indices or steps: whoever obeys next needs no vocabulary and can refuse nothing.
        """
        before, self._told = self._told, self._state.controls
        changed = {} if before is self._told else control.changed_fields(before, self._told)
        if not changed:
            return
        if director.is_directed(changed):
            self._by_hand_s = self._now()
        if states.shape(before) != states.shape(self._told):
            self._set_arrangement(self._next_bar(self._now()))
        self._dirty = True
        if before.tempo_lock != self._told.tempo_lock:
            # By its own name: the beat clock listens for it.
            self._tell(Command(op="tempo_lock", value=float(self._told.tempo_lock), source="stage"))
        self._tell(Command(op="set", args=changed, source="stage"))

    def _tell(self, command: Command) -> None:
        self._pending.append(command)
        if (brain := self._links.peers.get("brain")) is not None:
            brain.send_json(states.command_to_json(command))

    # -- clock, score, arrangement ----------------------------------------------------------------

    def _add(self, window: MotionWindow, t_s: float) -> None:
        self._score.add(window)
        self._next_plan = max(self._next_plan, window.plan + 1)
        self._outputs.add(window, t_s)

    def _set_clock(self, clock: ClockState) -> None:
        self._clock = clock
        self._outputs.set_clock(clock)

    def _next_bar(self, now: float) -> float:
        """Return the dance beat of the next bar line that everybody's windows can reach."""
        beat = self._clock.dance_at(now) + COMPANY_LEAD_BEATS
        in_bar, _ = bar_at(self._clock, beat)
        return float(beat + (self._clock.meter - in_bar) % self._clock.meter)

    def _set_arrangement(self, beat: float) -> None:
        self._state.arrangement = arrangement_for(self._state.controls, beat)
        self._outputs.set_arrangement(self._state.arrangement)
        self._dirty = True

    def _keep_dancing(self, now: float) -> None:
        """Let the standby go on where no brain does."""
        commands, self._pending = self._pending, []
        position = self._clock.dance_at(now)
        # A dancer who has just been added has no score yet: the brain begins it with the next window.
        known = (self._score.end(source) for source in range(self._state.controls.dancers))
        ends = [end for end in known if end is not None]
        # A recording has what it has: its end, and what was missing when it was made, are no lateness.
        plays = self._config.replay is None
        short = plays and (not ends or min(ends) - position < RESERVE_BEATS)
        brain = self._links.peers.get("brain")
        gone = brain is None or not brain.connected or now - self._brain_s > SILENT_BRAIN_S
        waited = self._had_brain or now - self._started_s > FIRST_BRAIN_S
        if (gone or short) and waited and not self._standby.active:
            clock = replace(self._clock, state=LockState.FREE_WHEEL) if self._clock.confidence > 0 else self._clock
            self._standby.start(clock, self._score.windows(), self._next_plan)
        clock_now, windows = self._standby.step(now, self._state.controls, commands)
        if clock_now is not None:
            self._set_clock(clock_now)
            self._send_on(self._clock_bytes(clock_now))
        if self._standby.active and (beat := self._beats.passed(self._clock, now)) is not None:
            self._send_on(encoded_beat(self._clock, beat))
        for window in windows:
            window = wire.quantised(window)
            self._add(window, now)
            self._send_on(wire.encode_window(window, t_s=now))
        self._score.trim(position)

    def _send_resume(self, link: Link, *, overtaken: bool) -> None:
        """Tell a brain where the show is: to go on from there, at once when it was overtaken."""
        now = self._resumed_s = self._now()
        recent = [w for w in self._score.windows() if w.beat_end > self._clock.dance_at(now) - RESUME_BEATS]
        link.send_json(
            {
                "type": "resume",
                "overtaken": overtaken,
                "has_clock": self._clock.beat_position > 0 or bool(recent),
                "next_plan": self._next_plan + RESUME_PLANS,
                "n_windows": len(recent),
                "controls": states.controls_to_json(self._state.controls),
            }
        )
        link.send(self._clock_bytes(self._clock))
        for window in recent:
            link.send(wire.encode_window(window, t_s=now))

    def _snapshot(self) -> Iterable[bytes]:
        """Return the newest clock and every window that still counts."""
        yield self._clock_bytes(self._clock)
        for window in self._score.windows():
            yield wire.encode_window(window, t_s=self._now())

    # -- out --------------------------------------------------------------------------------------

    def _send_on(self, message: bytes) -> None:
        """Pass a wire message to everybody and to the recording."""
        for role in SCREENS:
            if (link := self._links.peers.get(role)) is not None:
                link.send(message)
        if self._recorder is not None:
            self._recorder.write(message)

    def _send_json(self, message: dict[str, Any]) -> None:
        self._send_on(json.dumps(message, separators=(",", ":")).encode())

    def _record_json(self, message: dict[str, Any]) -> None:
        if self._recorder is not None:
            self._recorder.write(json.dumps(message, separators=(",", ":")).encode())

    def _flags(self) -> int:
        """Return the OSC state bits."""
        controls = self._state.controls
        bits = {
            osc_values.STATE_RUNNING: True,
            osc_values.STATE_FROZEN: controls.freeze,
            osc_values.STATE_BLACKOUT: controls.blackout,
            osc_values.STATE_AUDIO_LOST: self._state.audio.get("health") in ("lost", "refused"),
            osc_values.STATE_GPU_LATE: self._standby.active,
            osc_values.STATE_FLASH_LIMIT: self._limits_flashes(),
        }
        return sum(bit for bit, holds in bits.items() if holds)

    def _limits_flashes(self) -> bool:
        """Return whether a screen that is here has tamed a picture in the time of its last report."""
        drawing = ((self._links.peers.get(role), self._reports.get(role, {})) for role in DRAWING)
        return any(link is not None and link.connected and bool(report.get("flash")) for link, report in drawing)

    def _keep_house(self, now: float) -> None:
        if self._dirty and now - self._state_s > STATE_S:
            self._dirty, self._state_s = False, now
            self._send_json(self._state.to_json())
            self._outputs.set_info(self._info())
            if self._osc_in is not None:
                self._osc_in.publish(self._state.controls)
        if self._presets.has_news():
            if self._osc_in is not None:
                self._osc_in.learn(preset=self._presets.names)
            if (herald := self._links.peers.get("herald")) is not None:
                herald.send_json(self._presets.message())
        if now - self._stats_s > STATS_S:
            self._stats_s = now
            self._send_stats(now)
        if now - self._save_s > SAVE_S:
            self._save_s = now
            stage_memory.save(self._show, self._state, self._clock, self._next_plan)
        if self._config.duration_s is not None and now - self._started_s > self._config.duration_s:
            self._life.board.ask_stop()

    def _send_stats(self, now: float) -> None:
        stats = {
            "type": "stats",
            "t_s": now,
            "clock": {"bpm": self._clock.tempo_bpm, "state": int(self._clock.state), "source": int(self._clock.source)},
            "confidence": self._clock.confidence,
            "standby": self._standby.active,
            "audio": self._audio_now,
            "osc": self._outputs.stats(),
            "stage": self._telemetry.snapshot(),
            "recording": stage_memory.recording_facts(self._recorder),
            "processes": self._reports,
        }
        for role in SCREENS:
            if (link := self._links.peers.get(role)) is not None:
                link.send_json(stats)
        self._outputs.values = self._latency()

    def _latency(self) -> OscStats:
        """Return what OSC says about delays: sound heard → score known → picture, as the processes report them."""
        brain, window = self._reports.get("brain", {}), self._reports.get("window", {})
        audio_ms, model_ms = brain.get("age_ms_p50", 0.0), brain.get("window_ms_p50", 0.0)
        render_ms = window.get("draw_ms_p50", 0.0)
        own_ms = self._outputs.work_ms()
        return OscStats(
            audio_ms=audio_ms, model_ms=model_ms, render_ms=render_ms, total_ms=audio_ms + model_ms + own_ms
        )

    def _info(self) -> dict[str, str]:
        """Return the strings of OSC's info port."""
        audio = self._state.audio
        return {
            "device": str(audio.get("name", "")),
            "title": str(audio.get("title", "")),
            "health": str(audio.get("health", "")),
            "style": states.danced_style(self._state.controls),
            "message": self._state.message,
        }

    def _listened(self) -> OscIn | None:
        """Return the open OSC input; raises `PortBusyError` for a port that was asked for."""
        config = self._config.osc_in
        if not config.enabled:
            return None
        osc_in = OscIn(config.host, config.port, config.allow, self._vocabulary)
        osc_in.open()
        return osc_in

    def _clock_bytes(self, clock: ClockState) -> bytes:
        return wire.encode_clock(clock, unix_s=time.time() + clock.t_s - self._now())

    def close(self) -> None:
        """Close recording and outputs; everything written so far is kept."""
        if self._recorder is not None:
            self._recorder.close()
        self._presets.close()
        self._outputs.close()
        if self._osc_in is not None:
            self._osc_in.close()
        self._links.close()


def main(show: shows.Show, life: Life) -> int:
    """Run the stage process."""
    stage = Stage(show, life)
    stage.run()
    return 0
