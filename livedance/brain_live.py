"""The brain's process: a device or a file in front of `Brain.step`, the stage behind it.

Keeps the map from stream time to show time, steps on empty hops while audio is lost, stamps each command with the hop
at which it acts, and goes on from the stage's `resume` after a restart.
"""

from __future__ import annotations

import json
import logging
import time
from dataclasses import replace
from typing import Any, Final

import numpy as np

from livedance import director
from livedance import show as shows
from livedance import state as states
from livedance.audio.capture import Capture
from livedance.audio.hops import HopMaker
from livedance.audio.source import SourceHealth
from livedance.brain import Brain, BrainStep, Resume
from livedance.broadcast import wire
from livedance.clock import TimeMap
from livedance.link import StageLink
from livedance.messages import HOP_RATE_HZ, HOP_SAMPLES, AudioBlock, Command, Hop, MotionWindow
from livedance.process import Life
from livedance.score_stream import ScoreStream
from livedance.telemetry import Telemetry

LOG = logging.getLogger(__name__)
HOP_S: Final = HOP_SAMPLES / HOP_RATE_HZ
STATUS_S: Final = 0.5
DEMO_MARK: Final = "demo"
"""File in the show's folder: somebody asked for the demo."""
GRACE_S: Final = 0.15
"""Audio that is this late is stood in for by an empty hop; the show goes on."""
TURN_S: Final = 0.020
"""Longest sleep of the loop. Audio wakes it at once; commands act with the next hop and empty hops have their grace."""
STALL_S: Final = 0.1
"""A turn of the loop that takes longer means that this process was stopped, not that its audio is."""
HEAR_NOTHING_S: Final = 5.0
HEAR_NOTHING_DB: Final = -50.0
RESUME_WAIT_S: Final = 3.0
"""A stage that starts with us listens before it can answer; without its `resume` the beat would begin anew."""


class LiveBrain:
    """Runs one brain against the machine's clock. One thread (the capture has its own)."""

    def __init__(self, show: shows.Show, life: Life) -> None:
        self._show, self._life = show, life
        self._now = show.clock.now
        self._link = StageLink(show.address, show.secret, "brain")
        self._brain = Brain(show.config, show.seed, states.first_controls(show.config))
        self._capture = self._new_capture()
        self._map = TimeMap()
        offset_s = show.config.audio.offset_ms / 1e3
        self._stream = ScoreStream(self._map, offset_s=offset_s, unix_minus_show_s=time.time() - self._now())
        self._base_s = 0.0
        self._hops: HopMaker | None = None
        self._hop_index = 0
        self._n_stood_in = 0
        """Empty hops in the place of audio that may still come: it is dropped then, it has had its time."""
        self._turn_s = self._fair_s = self._now()
        self._commands: list[Command] = []
        self._windows: list[MotionWindow] = []
        self._is_new = True
        """Until a stage has said where the show is: on a busy machine that may come after the first windows."""
        self._status_s = -1e9
        self._loudest_db = -120.0
        self._heard_s = self._now()
        self._telemetry = Telemetry()

    # -- the loop ---------------------------------------------------------------------------------

    def _new_capture(self) -> Capture:
        """Return the source of the show, or the demo once somebody pressed D: a new brain must not forget that."""
        audio = self._show.config.audio
        wants_demo = (self._show.folder / DEMO_MARK).exists()
        return Capture(audio.model_copy(update={"source": "demo"}) if wants_demo else audio)

    def run(self) -> int:
        """Go on until the show ends; returns the exit code (1: start another brain)."""
        self._link.wait_connected(5.0)
        self._take_resume()
        self._capture.start()
        self._map.rigid = self._capture.is_file
        try:
            while self._life.goes_on():
                self._note_stall()
                if self._link.keep():
                    self._send_again()
                self._read_link()
                block = self._capture.take(TURN_S)
                if block is not None:
                    self._hear(block)
                else:
                    self._go_on_without()
                self._link.flush()
                self._report()
                if self._capture.is_stuck:
                    # PortAudio can spin for ever when a sound server dies under it; only a new process helps.
                    LOG.error("the audio driver hangs: a new brain opens it again")
                    return 1
            return 0
        finally:
            self._capture.close()
            self._link.close()

    def _note_stall(self) -> None:
        """After a stall of our own the audio that waits gets its chance before empty hops stand in for it."""
        now = self._now()
        if now - self._turn_s > STALL_S:
            self._fair_s = now
        self._turn_s = now

    def _hear(self, block: AudioBlock) -> None:
        info = self._capture.info
        self._fair_s = self._now()
        if self._hops is None or block.index == 0:
            self._n_stood_in = 0
            self._hops = HopMaker(
                sample_rate_hz=block.sample_rate_hz,
                n_channels=block.samples.shape[1],
                channels=self._show.config.audio.channels,
                name=info.name,
            )
            self._map.reopen()
            self._base_s = self._hop_index * HOP_S - block.t_s
        stream_s = self._base_s + block.t_s
        seconds = len(block.samples) / block.sample_rate_hz
        if block.device_t_s is not None:
            self._map.observe(stream_s, block.device_t_s - self._show.start_s + self._capture.heard_after_s)
        else:
            self._map.observe(stream_s, self._now() - seconds - info.latency_s)
        for hop in self._hops.push(block):
            if self._n_stood_in > 0:
                self._n_stood_in -= 1
            else:
                self._step(hop.samples, heard=hop.heard)

    def _go_on_without(self) -> None:
        """Step on empty hops while no audio comes, at the pace of the map."""
        if not self._map.ready:
            self._map.seed(self._now(), 1.0)
        if self._now() - self._fair_s < GRACE_S:
            return
        first, is_there = self._hop_index, self._capture.health is SourceHealth.OK
        while self._map.show_at((self._hop_index + 1) * HOP_S) < self._now() - self._patience():
            self._step(np.zeros(HOP_SAMPLES, np.float32), heard=False)
            self._n_stood_in += 1
            self._hops = None if self._capture.health is not SourceHealth.OK else self._hops
        if is_there and self._hop_index > first:
            # A recording says where the live show left what the same audio gives in `render`.
            self._link.send_json({"type": "applied", "op": "miss", "hop": first, "hops": self._hop_index - first})

    def _patience(self) -> float:
        return GRACE_S if self._capture.health is not SourceHealth.OK else 2 * GRACE_S

    def _step(self, samples: Any, *, heard: bool) -> None:
        hop = Hop(index=self._hop_index, t_s=(self._hop_index + 1) * HOP_S, samples=samples, heard=heard)
        commands = [replace(c, hop=hop.index) for c in self._commands]
        self._commands.clear()
        start_s = time.perf_counter()
        step = self._brain.step(hop, commands)
        work_ms = (time.perf_counter() - start_s) * 1e3
        self._telemetry.sample("step_ms", work_ms)
        if step.windows:
            self._telemetry.sample("window_ms", work_ms)
        self._hop_index += 1
        for command in commands:
            self._link.send_json({**states.command_to_json(command), "type": "applied"})
        if step.directed is not None:
            self._link.send_json(states.command_to_json(replace(step.directed, hop=hop.index)))
        self._send(step, hop)
        if step.features.rms_db > HEAR_NOTHING_DB:
            self._heard_s = self._now()
        self._loudest_db = max(self._loudest_db - 0.1, step.features.rms_db)

    # -- out --------------------------------------------------------------------------------------

    def _send(self, step: BrainStep, hop: Hop) -> None:
        now = self._now()
        for message in self._stream.messages(step, hop.index, now):
            self._link.send(message)
        self._windows = [*self._windows[-63:], *step.windows]
        self._telemetry.sample("age_ms", (now - self._map.show_at(hop.t_s)) * 1e3)

    def _send_again(self) -> None:
        """Bring a new stage up to date: it lost the score with its life."""
        if self._stream.clock is not None:
            self._link.send(self._stream.encoded(self._stream.clock))
        for window in self._windows:
            self._link.send(wire.encode_window(window, t_s=self._now()))
        if self._windows:
            self._link.send_json(states.command_to_json(director.decided(self._brain.controls)))
        self._status_s = -1e9

    def _report(self) -> None:
        now = self._now()
        if now - self._status_s < STATUS_S:
            return
        self._status_s = now
        silent = now - self._heard_s > HEAR_NOTHING_S
        audio = self._capture.status() | {"level_db": round(self._loudest_db, 1)}
        name = audio["url"].removeprefix("/audio/")
        audio["url"] = f"/audio/{self._show.audio_name(name)}" if audio["play"] == "browser" else ""
        if audio["url"] and audio["t0_stream_s"] is not None:
            audio["t0_s"] = self._map.show_at(self._base_s + audio["t0_stream_s"])
        message = str(audio.get("message", ""))
        if silent and not message and not self._capture.is_file:
            message = f"I hear nothing on {audio['name']}: play music, or press D for the demo"
        message = message or self._brain.warning
        self._link.send_json({"type": "audio", "audio": audio, "message": message})
        self._link.send_json({"type": "report", "stats": self._telemetry.snapshot()})

    # -- in ---------------------------------------------------------------------------------------

    def _read_link(self) -> None:
        messages = self._link.recv()
        for at, message in enumerate(messages):
            if message[:1] != b"{":
                continue
            tree = json.loads(message)
            if tree.get("type") == "command":
                self._obey(states.command_from_json(tree, source=tree.get("source", "")))
            elif tree.get("type") == "resume":
                records = self._records_after(messages, at, 1 + int(tree["n_windows"]))
                if tree["overtaken"] or self._is_new:
                    self._resume(tree, records)

    def _obey(self, command: Command) -> None:
        if command.op == "demo":
            (self._show.folder / DEMO_MARK).touch()
            self._capture.close()
            self._capture = self._new_capture()
            self._capture.start()
            self._hops = None
            self._map.rigid = True
            self._map.seed(self._now() - self._hop_index * HOP_S, 1.0)
        elif command.op == "external" and command.args.get("beat") is not None:
            self._commands.append(self._at_next_hop(command))
        else:
            self._commands.append(command)

    def _at_next_hop(self, command: Command) -> Command:
        """Return a count of another machine, true now, as it is (or was) at the end of the hop that takes it."""
        ahead_s = self._map.show_at((self._hop_index + 1) * HOP_S) - self._now()
        try:
            bpm = float(command.args.get("tempo", command.value or 0.0))
            beat = float(command.args["beat"]) + ahead_s * bpm / 60.0
        except (TypeError, ValueError):
            return command
        return replace(command, args={**command.args, "beat": beat})

    def _take_resume(self) -> None:
        """Wait for the stage's `resume`, which follows every connection."""
        end = time.monotonic() + RESUME_WAIT_S
        while self._link.connected and time.monotonic() < end:
            messages = self._link.recv()
            for at, message in enumerate(messages):
                if message[:1] == b"{" and (tree := json.loads(message)).get("type") == "resume":
                    self._resume(tree, self._records_after(messages, at, 1 + int(tree["n_windows"])))
                    return
            time.sleep(0.005)

    def _records_after(self, messages: list[bytes], at: int, n: int) -> list[bytes]:
        """Return the `n` records that belong to the message at `at`; waits for those still on their way."""
        end = time.monotonic() + RESUME_WAIT_S
        while len(messages) < at + 1 + n and self._link.connected and time.monotonic() < end:
            time.sleep(0.001)
            messages += self._link.recv()
        return messages[at + 1 : at + 1 + n]

    def _resume(self, tree: dict[str, Any], records: list[bytes]) -> None:
        self._is_new = False
        if not tree["has_clock"]:
            return
        if not self._map.ready:
            # Stream time goes on at the mapped stream time: this brain's starts at the show time of now.
            self._hop_index = max(self._hop_index, int(self._now() / HOP_S))
            self._map.seed(self._now() - self._hop_index * HOP_S, 1.0)
        decoded = [wire.decode(record) for record in records]
        clock = next((wire.clock_state(m) for m in decoded if isinstance(m, wire.Clock)), None)
        windows = tuple(wire.motion_window(m) for m in decoded if isinstance(m, wire.Window))
        if clock is not None:
            clock = self._stream.in_stream_time(clock)
            controls = states.controls_from_json(tree["controls"])
            last = Resume(clock=clock, windows=windows, next_plan=int(tree["next_plan"]), controls=controls)
            self._brain.resume(last)


def main(show: shows.Show, life: Life) -> int:
    """Run the brain process, or what stands in for it when a recording is played."""
    if show.config.replay is not None:
        from livedance.replayer import Replayer

        Replayer(show, life).run()
        return 0
    return LiveBrain(show, life).run()
